//! Where the compiler is in a file: a path that costs nothing until a place is asked for.

use crate::rules::yaml::tree::PathStep;

#[derive(Clone, Copy, Debug)]
pub(crate) enum At<'a> {
    File(usize),
    Key(&'a At<'a>, &'a str),
    Index(&'a At<'a>, usize),
}

impl<'a> At<'a> {
    pub(crate) fn key(&'a self, key: &'a str) -> At<'a> {
        At::Key(self, key)
    }

    pub(crate) fn index(&'a self, index: usize) -> At<'a> {
        At::Index(self, index)
    }

    pub(crate) fn file(&self) -> usize {
        match self {
            At::File(file) => *file,
            At::Key(parent, _) | At::Index(parent, _) => parent.file(),
        }
    }

    pub(crate) fn steps(&self) -> Vec<PathStep<'a>> {
        let (mut steps, last) = match self {
            At::File(_) => return Vec::new(),
            At::Key(parent, key) => (parent.steps(), PathStep::Key(key)),
            At::Index(parent, index) => (parent.steps(), PathStep::Index(*index)),
        };
        steps.push(last);
        steps
    }
}
