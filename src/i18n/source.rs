//! What a file of messages has in it, as far as code must know. The build script reads it, too.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use fluent_syntax::ast::CallArguments;
use fluent_syntax::ast::Entry;
use fluent_syntax::ast::Expression;
use fluent_syntax::ast::InlineExpression;
use fluent_syntax::ast::Pattern;
use fluent_syntax::ast::PatternElement;
use fluent_syntax::parser;

/// Each message with the variables in it.
pub(crate) fn messages(text: &str) -> Result<BTreeMap<String, BTreeSet<String>>, String> {
    let resource = parser::parse(text).map_err(|(_, errors)| {
        let errors: Vec<String> = errors.iter().map(|error| format!("{error:?}")).collect();
        errors.join("; ")
    })?;
    let mut messages = BTreeMap::new();
    for entry in resource.body {
        let Entry::Message(message) = entry else {
            continue;
        };
        let id = message.id.name.to_owned();
        let pattern = message.value.ok_or(format!("{id} has no text"))?;
        let mut variables = BTreeSet::new();
        collect(&pattern, &mut variables);
        if messages.insert(id.clone(), variables).is_some() {
            return Err(format!("{id} is there twice"));
        }
    }
    Ok(messages)
}

fn collect(pattern: &Pattern<&str>, found: &mut BTreeSet<String>) {
    for element in &pattern.elements {
        match element {
            PatternElement::TextElement { .. } => {}
            PatternElement::Placeable { expression } => collect_expression(expression, found),
        }
    }
}

fn collect_expression(expression: &Expression<&str>, found: &mut BTreeSet<String>) {
    match expression {
        Expression::Inline(inline) => collect_inline(inline, found),
        Expression::Select { selector, variants } => {
            collect_inline(selector, found);
            for variant in variants {
                collect(&variant.value, found);
            }
        }
    }
}

fn collect_inline(inline: &InlineExpression<&str>, found: &mut BTreeSet<String>) {
    match inline {
        InlineExpression::VariableReference { id } => {
            found.insert(id.name.to_owned());
        }
        InlineExpression::FunctionReference { arguments, .. }
        | InlineExpression::TermReference {
            arguments: Some(arguments),
            ..
        } => collect_arguments(arguments, found),
        InlineExpression::Placeable { expression } => collect_expression(expression, found),
        _ => {}
    }
}

fn collect_arguments(arguments: &CallArguments<&str>, found: &mut BTreeSet<String>) {
    for argument in &arguments.positional {
        collect_inline(argument, found);
    }
    for argument in &arguments.named {
        collect_inline(&argument.value, found);
    }
}
