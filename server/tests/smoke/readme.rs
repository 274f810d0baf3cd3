//! The README's first steps, run exactly as written.

use std::fs;

use crate::stack::{Stack, root, run};
use crate::support::wait::eventually;

#[test]
fn readme_compose_transcript_is_true() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let section =
        readme.split("## With Docker Compose\n").nth(1).expect("the section").split("\n## ").next().unwrap();
    let stack = Stack::prepare("readme", &[]);
    let mut commands = 0;
    // Takes the code blocks.
    for block in section.split("```").skip(1).step_by(2) {
        let (kind, text) = block.split_once('\n').unwrap();
        let exchanges: Vec<_> = match kind {
            "sh" => text.lines().map(|command| (command, "")).collect(),
            "console" => text
                .split("$ ")
                .filter(|exchange| !exchange.is_empty())
                .map(|exchange| exchange.split_once('\n').unwrap())
                .collect(),
            _ => panic!("neither sh nor console: {kind}"),
        };
        for (command, answer) in exchanges {
            // Uses the ports of this test, and the image that was built for it.
            let command = command.replace("8443", &stack.https_port.to_string());
            let printed = run(stack.command("sh").args(["-c", &command]));
            assert!(answer.is_empty() || printed == answer.trim_end(), "{command}: {printed}");
            commands += 1;
        }
    }
    assert!(commands >= 5, "{commands}");
    eventually("nothing runs any more", || stack.compose(&["ps", "-q"]).is_empty());
}
