//! Pages of the documentation as tests: the steps that a reader takes. CONTRIBUTING.md explains the comments that
//! steer this, `<!-- test: ... -->`.

use std::path::{Path, PathBuf};

/// A step of a page.
#[derive(Debug)]
pub enum Step {
    /// Commands that succeed.
    Run(String),
    /// Commands, each with the text that it prints.
    Transcript(Vec<(String, String)>),
    /// A program that accepts connections on this port and runs on.
    Background(u16, String),
    /// Ends the last of these programs, as Ctrl-C does.
    Interrupt,
    /// The content of a file.
    File(String, String),
}

/// The root of the repository.
pub fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("server/ is in the repository").to_owned()
}

/// The text of a page.
pub fn read(page: &str) -> String {
    std::fs::read_to_string(repository().join(page)).unwrap_or_else(|error| panic!("{page}: {error}"))
}

/// Every page whose commands are run: the README, the tutorial and the how-to guides.
pub fn all() -> Vec<String> {
    let guides = std::fs::read_dir(repository().join("docs/how-to")).expect("there are guides");
    let guides = guides.map(|entry| format!("docs/how-to/{}", entry.unwrap().file_name().display()));
    let mut pages: Vec<_> =
        ["README.md", "docs/tutorial.md"].map(str::to_owned).into_iter().chain(guides).collect();
    pages.sort_unstable();
    pages
}

/// The steps of a page that need Compose, or those that do not.
pub fn steps(page: &str, with_compose: bool) -> Vec<Step> {
    let text = read(page);
    let (mut steps, mut compose, mut instruction) = (Vec::new(), false, None);
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if line.starts_with('#') {
            compose = false;
        } else if let Some(comment) = line.strip_prefix("<!-- test: ") {
            let comment = comment.strip_suffix(" -->").unwrap_or_else(|| panic!("{page}: {line}"));
            let (word, rest) = comment.split_once([' ', ':']).unwrap_or((comment, ""));
            match word {
                "compose" => compose = true,
                "interrupt" if compose == with_compose => steps.push(Step::Interrupt),
                "before" if compose == with_compose => steps.push(Step::Run(rest.to_owned())),
                "interrupt" | "before" => {}
                "background" | "file" | "skip" => instruction = Some((word, rest.trim())),
                _ => panic!("{page}: {line}"),
            }
        } else if let Some(kind) = line.strip_prefix("```") {
            let block =
                lines.by_ref().take_while(|line| *line != "```").flat_map(|line| [line, "\n"]).collect();
            let step = step(kind, block, instruction.take());
            steps.extend(step.filter(|_| compose == with_compose));
        }
    }
    assert!(instruction.is_none(), "{page}: {instruction:?} is about no block");
    steps
}

fn step(kind: &str, block: String, instruction: Option<(&str, &str)>) -> Option<Step> {
    match (kind, instruction) {
        (_, Some(("skip", _))) => None,
        (_, Some(("file", name))) => Some(Step::File(name.to_owned(), block)),
        (_, Some((_, port))) => Some(Step::Background(port.parse().expect("a port"), block)),
        ("sh", None) => Some(Step::Run(block)),
        ("console", None) => Some(Step::Transcript(exchanges(&block))),
        _ => None,
    }
}

fn exchanges(block: &str) -> Vec<(String, String)> {
    let block = format!("\n{}", block.trim_end());
    let exchanges =
        block.split("\n$ ").skip(1).map(|exchange| exchange.split_once('\n').unwrap_or((exchange, "")));
    exchanges.map(|(command, output)| (command.to_owned(), output.to_owned())).collect()
}
