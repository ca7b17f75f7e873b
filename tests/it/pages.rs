//! The pages of the project, taken apart into prose, headings, blocks and code. Judges nothing.

use std::fs;
use std::path::Path;

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

/// README.md, CHANGELOG.md and everything under docs.
pub fn pages() -> Vec<Page> {
    let mut names = vec!["README.md".to_owned(), "CHANGELOG.md".to_owned()];
    for folder in ["docs", "docs/zh"] {
        for entry in fs::read_dir(root().join(folder)).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            if name.ends_with(".md") {
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
