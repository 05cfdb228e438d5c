//! A text widget.

use leptos::prelude::*;

use crate::markdown::{Block, Inline, parse};

/// Shows a text in its small part of markdown.
pub(super) fn markdown(source: &str) -> AnyView {
    view! { <div class="em-text">{parse(source).into_iter().map(block).collect_view()}</div> }
        .into_any()
}

fn block(block: Block) -> AnyView {
    match block {
        // The card stands under the dashboard's own heading of level two.
        Block::Heading(1, line) => view! { <h3>{inlines(line)}</h3> }.into_any(),
        Block::Heading(_, line) => view! { <h4>{inlines(line)}</h4> }.into_any(),
        Block::Paragraph(line) => view! { <p>{inlines(line)}</p> }.into_any(),
        Block::List { numbered, items } => {
            let items = items
                .into_iter()
                .map(|item| view! { <li>{inlines(item)}</li> })
                .collect_view();
            if numbered {
                view! { <ol>{items}</ol> }.into_any()
            } else {
                view! { <ul>{items}</ul> }.into_any()
            }
        }
    }
}

fn inlines(line: Vec<Inline>) -> AnyView {
    line.into_iter().map(inline).collect_view().into_any()
}

fn inline(inline: Inline) -> AnyView {
    match inline {
        Inline::Text(text) => text.into_any(),
        Inline::Code(text) => view! { <code>{text}</code> }.into_any(),
        Inline::Strong(line) => view! { <strong>{inlines(line)}</strong> }.into_any(),
        Inline::Emphasis(line) => view! { <em>{inlines(line)}</em> }.into_any(),
        Inline::Link { href, label } => {
            view! { <a href=href target="_blank" rel="noopener noreferrer nofollow">{inlines(label)}</a> }.into_any()
        }
    }
}
