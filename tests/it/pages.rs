//! The pages of the project, taken apart into prose, headings, blocks and code. Judges nothing.

use std::fs;
use std::path::{Path, PathBuf};

/// One page, and its name as seen from the top of the repository.
pub struct Page {
    pub name: String,
    pub text: String,
}

/// What stands between two fences.
pub struct Block<'p> {
    /// What stands behind the opening fence: a language, and perhaps a word more.
    pub info: &'p str,
    /// The line of the opening fence, from 1.
    pub line: usize,
    pub text: String,
}

pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// `rules.yaml` as it is shipped. People edit that file to try the program, so no test reads it;
/// `.ci/run` compares the two.
pub fn shipped() -> String {
    fs::read_to_string(root().join("tests/data/shipped.yaml")).unwrap()
}

/// The pages at the top of the repository, the page about packaging, and everything under docs,
/// but for the lists of the book's chapters.
pub fn pages() -> Vec<Page> {
    let mut names = [
        "README.md",
        "CHANGELOG.md",
        "CODE_OF_CONDUCT.md",
        "CONTRIBUTING.md",
        "SECURITY.md",
        "packaging/README.md",
    ]
    .map(str::to_owned)
    .to_vec();
    for folder in ["docs", "docs/cookbook", "docs/zh", "docs/zh/cookbook"] {
        for entry in fs::read_dir(root().join(folder)).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            if name.ends_with(".md") && name != "SUMMARY.md" {
                names.push(format!("{folder}/{name}"));
            }
        }
    }
    names.sort();
    let page = |name: String| Page {
        text: fs::read_to_string(root().join(&name)).unwrap(),
        name,
    };
    names.into_iter().map(page).collect()
}

/// Where a link leads that stands on a page of this name, as seen from the top of the repository.
pub fn follow(name: &str, target: &str) -> PathBuf {
    let folder = Path::new(name).parent().unwrap();
    let mut path = PathBuf::new();
    for part in &folder.join(target) {
        match part == ".." {
            true => drop(path.pop()),
            false => path.push(part),
        }
    }
    path
}

impl Page {
    pub fn blocks(&self) -> Vec<Block<'_>> {
        let mut blocks: Vec<Block> = Vec::new();
        let mut inside = false;
        for (index, line) in self.text.lines().enumerate() {
            match (line.trim_start().strip_prefix("```"), inside) {
                (Some(info), false) => {
                    let (line, text) = (index + 1, String::new());
                    blocks.push(Block { info, line, text });
                    inside = true;
                }
                (Some(_), true) => inside = false,
                (None, true) => {
                    let text = &mut blocks.last_mut().unwrap().text;
                    text.push_str(line);
                    text.push('\n');
                }
                (None, false) => {}
            }
        }
        assert!(!inside, "{}: the last ``` is not closed", self.name);
        blocks
    }

    /// The lines outside of all fences.
    pub fn prose(&self) -> impl Iterator<Item = &str> {
        let mut inside = false;
        self.text.lines().filter(move |line| {
            let fence = line.trim_start().starts_with("```");
            inside ^= fence;
            !inside && !fence
        })
    }

    /// Where the links in the prose lead, as written.
    pub fn links(&self) -> impl Iterator<Item = &str> {
        let parts = self.prose().flat_map(|line| line.split("](").skip(1));
        parts.filter_map(|part| part.split(')').next())
    }

    pub fn headings(&self) -> Vec<&str> {
        self.prose().filter(|line| line.starts_with('#')).collect()
    }

    /// Everything set as code: spans in the prose, and the commands in blocks for a shell.
    pub fn code(&self) -> Vec<String> {
        let prose: Vec<&str> = self.prose().collect();
        let prose = prose.join("\n");
        let spans = prose.split('`').skip(1).step_by(2);
        let mut code: Vec<String> = spans.map(str::to_owned).collect();
        for block in self.blocks().iter().filter(|block| block.info == "sh") {
            let joined = block.text.replace("\\\n", " ");
            code.extend(joined.lines().map(str::to_owned));
        }
        code
    }
}
