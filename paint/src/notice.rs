//! What is said when something is missing, and what to do about it.

use emban_contract::ProblemCode;

use crate::html::{Html, Styles};
use crate::icon::ALERT;
use crate::words::Notice;
use crate::{Language, Screen};

/// Why the figures on the screen are not the newest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// The session is over.
    Ended,
    /// The last reload failed; without a code there was no connection.
    Reload(Option<ProblemCode>),
}

/// In place of the whole dashboard.
pub fn whole(language: Language, code: Option<ProblemCode>) -> String {
    let mut html = Html::new(Styles::Attribute);
    let over = matches!(
        code,
        Some(ProblemCode::Unauthorized | ProblemCode::SessionExpired | ProblemCode::SessionRevoked)
    );
    html.raw("<div class=\"em-whole\" role=\"alert\"><span class=\"em-whole-icon\">")
        .icon(ALERT)
        .raw("</span>");
    says(&mut html, language.problem(code));
    if !over {
        html.button("em-btn", "restart", language.words.try_again);
    }
    html.raw("</div>");
    html.finish()
}

/// Above the cards, while what they show still holds; empty without trouble.
pub fn banner(language: Language, trouble: Option<Trouble>) -> String {
    let mut html = Html::new(Styles::Attribute);
    let Some(trouble) = trouble else {
        return html.finish();
    };
    let notice = match trouble {
        Trouble::Ended => language.words.session_ended,
        Trouble::Reload(code) => Notice {
            title: language.problem(code).title,
            advice: language.words.last_figures,
        },
    };
    html.icon(ALERT)
        .raw("<span><strong>")
        .text(notice.title)
        .raw(".</strong> ")
        .text(notice.advice)
        .raw("</span>");
    if trouble != Trouble::Ended {
        html.button("em-btn em-btn-small", "refresh", language.words.try_again);
    }
    html.finish()
}

/// In place of one widget's figures.
pub(crate) fn failed(
    html: &mut Html,
    language: Language,
    code: Option<ProblemCode>,
    verb: &'static str,
) {
    html.raw("<div class=\"em-notice\" role=\"status\">");
    says(html, language.problem(code));
    html.button("em-btn em-btn-small", verb, language.words.try_again)
        .raw("</div>");
}

/// In place of a widget that has nothing to show.
pub(crate) fn empty(html: &mut Html, screen: &Screen<'_>) {
    let (words, narrowed) = (screen.language.words, screen.choice.narrows());
    html.raw("<div class=\"em-notice\">");
    says(
        html,
        Notice {
            title: words.no_data,
            advice: if narrowed {
                words.no_match
            } else {
                words.no_data_yet
            },
        },
    );
    if narrowed {
        html.button("em-btn em-btn-small", "reset", words.reset_filters);
    }
    html.raw("</div>");
}

fn says(html: &mut Html, notice: Notice) {
    html.raw("<p class=\"em-notice-title\">")
        .text(notice.title)
        .raw("</p><p class=\"em-notice-text\">")
        .text(notice.advice)
        .raw("</p>");
}

impl Html {
    /// A button with a text.
    pub(crate) fn button(
        &mut self,
        class: &'static str,
        verb: &'static str,
        text: &str,
    ) -> &mut Self {
        self.raw("<button type=\"button\" class=\"")
            .raw(class)
            .raw("\"")
            .attr("data-a", verb)
            .raw(">")
            .text(text)
            .raw("</button>")
    }
}
