//! A document with every kind of block and text that tries to be more than text. The tests of the formats for paper
//! share it.

#![allow(dead_code)] // Each test uses a part of it.

pub mod readers;

use tidegate_audit::Level;
use tidegate_report::document::{
    Block, Cell, Column, Cover, Document, Inline, Picture, Row, Section, SectionKind, Table,
};

/// Texts that a format must show as they are.
pub const HOSTILE: [&str; 16] = [
    "#eval(\"1 + 1\")",
    "$ x^2 $ and $x$",
    "`raw` ```text",
    "https://not.a.link // no comment /* none */",
    "back\\slash \\u{41} \\#",
    "@reference <label> ~ --- ...",
    "= no heading",
    "- no list + none / none: none",
    "#set page(fill: red); #panic()",
    "<w:p><b>&amp;</b>]]></w:t>",
    "{{ 7*7 }} ${jndi:x} =cmd|' /C calc'!A0",
    "*not bold* _nor italic_ \"straight quotes\"",
    "Größe naïve Ελληνικά Привет",
    "PAGE \\* MERGEFORMAT",
    "arrows → ≤ ✓ ⚠",
    "%PDF-1.7 (a) <</JS>> endobj",
];

/// What deceives, and how it is shown instead.
pub const DECEPTIVE: [(&str, &str); 4] = [
    ("bell\u{7}", "bell\\u{7}"),
    ("turned \u{202e}txt.exe", "turned \\u{202e}txt.exe"),
    ("two\nlines", "two\\nlines"),
    ("esc \u{1b}[31mred", "esc \\u{1b}[31mred"),
];

/// A word of 10 kB without a place to break it.
pub fn endless() -> String {
    "EndlessWord".chars().cycle().take(10_000).collect()
}

fn paragraph(text: &str) -> Block {
    Block::text(text)
}

/// A picture of a table of rules.
pub fn picture(name: &str, rows: usize) -> Picture {
    let height = 40 + 24 * rows;
    let mut svg = format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" width="720" height="{height}" viewBox="0 0 720 {height}" font-family="Liberation Sans, Arimo, Arial, Helvetica, sans-serif" font-size="13"><rect width="720" height="{height}" fill="#ffffff"/><text x="12" y="24" font-weight="bold">{name} outbound rules</text>"##
    );
    for row in 0..rows {
        let y = 40 + 24 * row;
        let fill = if row == 0 { "#fdeeea" } else { "#f4f6f8" };
        svg += &format!(
            r##"<rect x="8" y="{y}" width="704" height="22" fill="{fill}"/><text x="16" y="{0}" font-family="Liberation Mono, Cousine, Courier New, monospace" font-size="12">sgr-{row:08}</text><text x="180" y="{0}">All traffic</text><text x="380" y="{0}">0.0.0.0/0</text><text x="540" y="{0}">日 rule {row}</text>"##,
            y + 16
        );
    }
    svg += "</svg>";
    Picture {
        name: name.to_owned(),
        svg,
        size: (720, u32::try_from(height).unwrap()),
        alternative: format!("Outbound rules of {name}, the first lets everything out"),
        caption: format!("The outbound rules of {name}"),
    }
}

fn column(heading: &str, weight: u8, numeric: bool) -> Column {
    Column { heading: heading.to_owned(), weight, numeric }
}

/// A table with more rows than a page has.
pub fn long_table() -> Table {
    Table {
        caption: "All rules of all groups".to_owned(),
        columns: vec![
            column("No.", 1, true),
            column("Group", 3, false),
            column("Destination", 3, false),
            column("Risk", 2, false),
        ],
        rows: (0..90)
            .map(|at| Row {
                cells: vec![
                    Cell::number(at),
                    Cell::code(format!("sg-{at:017x}")),
                    Cell::text(if at % 9 == 0 {
                        "everywhere (open)".to_owned()
                    } else {
                        format!("10.0.{at}.0/24")
                    }),
                    Cell::risk(Level::ALL[at % 5]),
                ],
                marked: at % 9 == 0,
            })
            .collect(),
        interactive: true,
    }
}

/// A finding.
pub fn finding(at: usize, level: Level) -> Section {
    Section {
        kind: SectionKind::Finding(level),
        id: format!("finding-{at}"),
        heading: vec![Inline::text(format!("Finding {at}: group ")), Inline::code(format!("sg-{at:017x}")), Inline::text(" lets everything out")],
        blocks: vec![
            Block::Paragraph(vec![
                Inline::text("The security group allows outbound traffic to "),
                Inline::code("0.0.0.0/0"),
                Inline::text(" on "),
                Inline::strong("every port and protocol"),
                Inline::text(". A workload that is taken over can send data to any address on the Internet, fetch tools, and talk to a server of its attacker. See "),
                Inline::Link { target: "#appendix".to_owned(), text: vec![Inline::text("the full rules")] },
                Inline::text(" and "),
                Inline::Link { target: "https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html?a=1&b=2#x".to_owned(), text: vec![Inline::text("the vendor's documentation")] },
                Inline::text("."),
            ]),
            Block::Picture(picture(&format!("sg-{at}"), 6)),
            Block::Heading(3, vec![Inline::text("Recommendation")]),
            Block::List(Some(1), vec![
                vec![paragraph("Find out where the workload has to talk to; flow logs of two weeks show it.")],
                vec![paragraph("Replace the open rule."), Block::List(None, vec![vec![paragraph("HTTPS to the load balancer")], vec![paragraph("DNS to the resolver of the VPC")]])],
                vec![paragraph("Verify it as below.")],
            ]),
            Block::Code { language: "python".to_owned(), text: "group = ec2.SecurityGroup(\n    self, \"Group\", vpc=vpc,\n\tallow_all_outbound=False,  # the default lets everything out, also to addresses that nobody thought of when this was written down\n)\n\ngroup.add_egress_rule(ec2.Peer.ipv4(\"10.0.0.0/16\"), ec2.Port.tcp(443))\n".to_owned() },
        ],
        sections: Vec::new(),
    }
}

/// The document.
pub fn document() -> Document {
    let hostile = HOSTILE.iter().map(|text| vec![paragraph(text)]).collect();
    let deceptive = DECEPTIVE.iter().map(|(text, _)| paragraph(text));
    let wide = Table {
        caption: "Narrow columns, long words".to_owned(),
        columns: (0..8).map(|at| column(&format!("Column{at}"), 1, false)).collect(),
        rows: vec![Row {
            cells: (0..8)
                .map(|at| Cell::code(format!("arn:aws:ec2:eu-central-1:123456789012:security-group/sg-{at}")))
                .collect(),
            marked: false,
        }],
        interactive: false,
    };
    Document {
        cover: Cover {
            title: "Egress review of three accounts #strong[x]".to_owned(),
            facts: vec![
                ("Client".to_owned(), "Example & Sons <Ltd>".to_owned()),
                ("Date".to_owned(), "28 November 2026".to_owned()),
                ("Data".to_owned(), "describe-security-groups.json, describe-network-interfaces.json and 14 more files, taken between 12 and 14 November 2026".to_owned()),
                ("SHA-256".to_owned(), "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a089f86d081884c7d65".to_owned()),
            ],
            language: "en-GB".to_owned(),
        },
        sections: vec![
            Section {
                id: "summary".to_owned(),
                heading: vec![Inline::text("Summary")],
                blocks: vec![
                    paragraph("Of 412 security groups in three accounts, 37 let every packet out. Most of them belong to one template that was copied between teams; two guard machines with customer data."),
                    Block::Callout(vec![
                        Block::Paragraph(vec![Inline::strong("Not decided: "), Inline::text("five groups have rules whose destination is known only when they are deployed.")]),
                        Block::List(None, vec![vec![paragraph("one in the test account")], vec![paragraph("four in production")]]),
                    ]),
                    Block::Table(Table {
                        caption: "Findings by risk".to_owned(),
                        columns: vec![column("Risk", 2, false), column("Findings", 1, true), column("What it means", 5, false)],
                        rows: Level::ALL.iter().rev().enumerate().map(|(at, &level)| Row {
                            cells: vec![Cell::risk(level), Cell::number(at * 7), Cell::text("What a manager should know about this level, in one sentence that takes two lines.")],
                            marked: false,
                        }).collect(),
                        interactive: false,
                    }),
                    Block::Quote(vec![paragraph("A quotation of somebody's policy: outbound traffic is denied unless it is needed.")]),
                    Block::Rule,
                    Block::Details(vec![Inline::text("How the figures came about")], vec![paragraph("Each rule is a set of packets; sets are united per interface.")]),
                ],
                ..Section::default()
            },
            Section {
                id: "findings".to_owned(),
                heading: vec![Inline::text("Findings")],
                blocks: vec![paragraph("By risk.")],
                sections: vec![finding(1, Level::Critical), finding(2, Level::High), finding(3, Level::Medium), finding(4, Level::Low), finding(5, Level::Informational)],
                ..Section::default()
            },
            Section {
                id: "hostile".to_owned(),
                heading: vec![Inline::text("Names <from> outside #h(1pt) "), Inline::code("`code`")],
                blocks: [
                    Block::List(None, hostile),
                    Block::Paragraph(HOSTILE.iter().map(|text| Inline::code(*text)).collect()),
                    Block::Code { language: "`\n#".to_owned(), text: HOSTILE.join("\n") },
                    paragraph("\u{5e9}\u{5dc}\u{5d5}\u{5dd} \u{627}\u{644}\u{639}\u{631}\u{628}\u{64a}\u{629} and on"),
                    paragraph("日本語 and 😀 and \u{1f980}"),
                    paragraph(&endless()),
                    Block::Code { language: String::new(), text: endless() },
                    Block::Table(wide),
                    Block::Paragraph(vec![
                        Inline::Link { target: "javascript:alert(1)".to_owned(), text: vec![Inline::text("no script")] },
                        Inline::Break,
                        Inline::Link { target: "#nowhere".to_owned(), text: vec![Inline::text("no target")] },
                        Inline::Emphasis(vec![Inline::text(" emphasis "), Inline::strong("both")]),
                    ]),
                    Block::Heading(1, vec![]),
                    Block::Heading(5, vec![Inline::text("Deep heading")]),
                    Block::Picture(Picture { name: "broken".to_owned(), svg: "<svg".to_owned(), size: (0, 0), alternative: "A picture that is broken".to_owned(), caption: String::new() }),
                    Block::Table(Table::default()),
                    Block::List(None, vec![]),
                    Block::Code { language: String::new(), text: String::new() },
                ].into_iter().chain(deceptive).collect(),
                ..Section::default()
            },
            Section {
                kind: SectionKind::Appendix,
                id: "appendix".to_owned(),
                heading: vec![Inline::text("Appendix: all rules")],
                blocks: vec![Block::Table(long_table())],
                ..Section::default()
            },
        ],
    }
}

/// A finding with a picture of ten rules and a table of its systems, as in a report of a whole organisation.
pub fn large(at: usize, level: Level) -> Section {
    let mut section = finding(at, level);
    let systems = Table {
        caption: "Affected systems".to_owned(),
        columns: vec![
            column("System", 3, false),
            column("Address", 2, false),
            column("Account", 2, false),
            column("Region", 2, false),
        ],
        rows: (0..6)
            .map(|system| Row {
                cells: vec![
                    Cell::code(format!("i-{:017x}", at * 6 + system)),
                    Cell::text(format!("10.{}.{}.{system}", at / 250, at % 250)),
                    Cell::text("123456789012"),
                    Cell::text("eu-central-1"),
                ],
                marked: false,
            })
            .collect(),
        interactive: true,
    };
    section.blocks.insert(1, Block::Table(systems));
    section.blocks.iter_mut().for_each(|block| {
        if let Block::Picture(rules) = block {
            *rules = picture(&format!("sg-{at}"), 10);
        }
    });
    section
}

/// Everything that a reader must find, as it is shown.
pub fn expected() -> Vec<String> {
    let mut all: Vec<String> = HOSTILE.iter().map(|&text| text.to_owned()).collect();
    all.extend(DECEPTIVE.iter().map(|&(_, shown)| shown.to_owned()));
    for at in 1..=5 {
        all.push(format!("Finding {at}: group sg-{at:017x} lets everything out"));
        all.push(format!("The outbound rules of sg-{at}"));
    }
    all.extend((0..90).map(|at| format!("sg-{at:017x}")));
    all.extend(["Critical", "Informational"].map(str::to_owned));
    let other = [
        "Egress review of three accounts #strong[x]",
        "Example & Sons <Ltd>",
        "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a089f86d081884c7d65",
        "Contents",
        "Not decided: five groups",
        "What a manager should know about this level, in one sentence that takes two lines.",
        "A quotation of somebody's policy",
        "How the figures came about",
        "HTTPS to the load balancer",
        "allow_all_outbound=False,  # the default lets everything out, also to addresses that nobody thought of",
        "no script",
        "emphasis both",
        "Deep heading",
        "A picture that is broken",
        "Appendix: all rules",
        "All rules of all groups",
    ];
    all.extend(other.map(str::to_owned));
    all
}
