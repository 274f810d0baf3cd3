//! The parts of the documentation that need Compose, followed word by word. `it` runs the others.

use std::fs;

use crate::stack::{Stack, run};
use crate::support::pages::{self, Step};
use crate::support::wait::eventually;

/// Runs the steps of a page in this stack's folder.
fn follow(stack: &Stack, page: &str) {
    let steps = pages::steps(page, true);
    assert!(!steps.is_empty(), "{page} has no step with Compose");
    // On the ports of this test, and with the image that was built for it.
    let bash = |command: &str| {
        let command = command.replace("8443", &stack.https_port.to_string());
        println!("{page}: {command}");
        run(stack.command("bash").args(["-ec", &command]))
    };
    for step in steps {
        match step {
            Step::Run(commands) => drop(bash(&commands)),
            Step::Transcript(exchanges) => {
                for (command, output) in exchanges {
                    let printed = bash(&command);
                    assert!(output.is_empty() || printed == output, "{page}: {command}: {printed}");
                }
            }
            Step::File(name, content) => fs::write(stack.folder().join(name), content).unwrap(),
            Step::Background(port, command) => panic!("{page}: {command} on {port} is not of Compose"),
            Step::Interrupt => panic!("{page}: no program is in the foreground"),
        }
    }
}

#[test]
fn readme_compose_transcript_is_true() {
    let stack = Stack::prepare("readme", &[]);
    follow(&stack, "README.md");
    eventually("nothing runs any more", || stack.compose(&["ps", "-q"]).is_empty());
}

#[test]
fn how_to_commands_with_compose_work() {
    let with_compose =
        |page: &String| page.contains("how-to") && pages::read(page).contains("<!-- test: compose -->");
    let guides: Vec<_> = pages::all().into_iter().filter(with_compose).collect();
    assert!(guides.len() >= 5, "{guides:?}");
    for (number, guide) in guides.iter().enumerate() {
        let stack = Stack::up(&format!("guide-{number}"), &[]);
        follow(&stack, guide);
    }
}
