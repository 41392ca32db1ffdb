//! Reads the rules' own pages (`docs/rules/*.md`): front matter, title, and the text below.

use tidegate_audit::RuleId;

/// One rule's page, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The first heading.
    pub title: &'static str,
    /// The first paragraph below the title's first section, on one line.
    pub summary: String,
    /// Everything below the front matter.
    pub body: &'static str,
    front: &'static str,
}

impl Page {
    /// The page of a rule.
    pub fn of(rule: RuleId) -> Self {
        Self::parse(rule.documentation())
    }

    fn parse(text: &'static str) -> Self {
        let (front, body) = match text.strip_prefix("---\n").and_then(|rest| rest.split_once("\n---\n")) {
            Some((front, body)) => (front, body.trim_start_matches('\n')),
            None => ("", text),
        };
        let title = body.lines().find_map(|line| line.strip_prefix("# ")).unwrap_or_default().trim();
        let summary = body
            .split("\n\n")
            .map(str::trim)
            .find(|block| !block.is_empty() && !block.starts_with(['#', '-', '|', '`', '>', '*', '<']))
            .map(|block| block.split_whitespace().collect::<Vec<_>>().join(" "))
            .unwrap_or_default();
        Self { title, summary, body, front }
    }

    /// A front-matter field as a list: `key: [a, b]`, `key: a`, or `- a` lines below `key:`.
    pub fn list(&self, key: &str) -> Vec<&'static str> {
        let mut lines = self.front.lines();
        let Some(value) = lines.find_map(|line| line.strip_prefix(key)?.strip_prefix(':')) else {
            return Vec::new();
        };
        let value = value.trim();
        if let Some(inner) = value.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            inner.split(',').map(str::trim).filter(|item| !item.is_empty()).collect()
        } else if value.is_empty() {
            lines.map_while(|line| line.trim_start().strip_prefix("- ")).map(str::trim).collect()
        } else {
            vec![value]
        }
    }

    /// Standards that speak of what the rule finds: weaknesses (CWE) first.
    pub fn standards(&self) -> Vec<&'static str> {
        let mut all = self.list("cwe");
        for standard in self.list("standards") {
            if !all.contains(&standard) {
                all.push(standard);
            }
        }
        all
    }
}

/// Where a rule's page can be read on the web.
pub fn url(rule: RuleId) -> String {
    format!("{}/blob/main/docs/rules/{}.md", env!("CARGO_PKG_REPOSITORY"), rule.name())
}

/// The known name nearest to a mistyped one, if any is near.
pub fn nearest(wanted: &str) -> Option<&'static str> {
    let wanted = wanted.trim().to_ascii_lowercase();
    RuleId::ALL
        .into_iter()
        .flat_map(|rule| std::iter::once(rule.name()).chain(rule.aliases().iter().copied()))
        .map(|name| (strsim::jaro_winkler(&wanted, &name.to_ascii_lowercase()), name))
        .filter(|(likeness, _)| *likeness > 0.75)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_has_a_title_a_summary_and_a_weakness() {
        for rule in RuleId::ALL {
            let page = Page::of(rule);
            assert!(!page.title.is_empty() && page.summary.len() > 20, "{}", rule.name());
            assert!(page.list("cwe").contains(&"CWE-284"), "{}", rule.name());
            assert!(!page.body.starts_with("---"));
        }
    }

    #[test]
    fn front_matter_lists_come_in_three_spellings() {
        let page = Page::parse("---\na: [x, y]\nb: z\nc:\n  - p\n  - q\nd: []\n---\n\n# T\n\nSome\ntext.\n");
        assert_eq!((page.list("a"), page.list("b")), (vec!["x", "y"], vec!["z"]));
        assert_eq!((page.list("c"), page.list("d")), (vec!["p", "q"], vec![]));
        assert_eq!((page.title, page.summary.as_str()), ("T", "Some text."));
    }

    #[test]
    fn a_mistyped_rule_has_a_nearest_name() {
        assert_eq!(nearest("open-egres"), Some("open-egress"));
        assert_eq!(nearest("zzz"), None);
    }
}
