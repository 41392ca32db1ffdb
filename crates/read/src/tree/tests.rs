use super::*;
use proptest::prelude::*;

fn read(path: &str, text: &str) -> Result<Tree, Fault> {
    parse(path, Arc::from(text.as_bytes()), &Limits::default())
}

/// The tree as JSON-like text, aliases expanded and merges applied.
fn show(tree: &Tree, id: NodeId) -> String {
    let tag = tree.tag(id).map_or(String::new(), |t| format!("!{t} "));
    let body = match tree.kind(id) {
        Kind::Null => "null".into(),
        Kind::Plain => tree.text(id).unwrap().to_owned(),
        Kind::Text => format!("{:?}", tree.text(id).unwrap()),
        Kind::Sequence => {
            format!("[{}]", tree.items(id).map(|i| show(tree, i)).collect::<Vec<_>>().join(","))
        }
        Kind::Mapping => {
            let entries = tree.merged_entries(id);
            let entries = entries.iter().map(|(k, v)| format!("{}:{}", show(tree, *k), show(tree, *v)));
            format!("{{{}}}", entries.collect::<Vec<_>>().join(","))
        }
        Kind::Alias => "alias".into(),
        Kind::Dropped => "dropped".into(),
    };
    tag + &body
}

fn shown(path: &str, text: &str) -> String {
    match read(path, text) {
        Ok(tree) => tree.roots().iter().map(|r| show(&tree, *r)).collect::<Vec<_>>().join(" --- "),
        Err(fault) => format!("{}: {}", fault.span.start, fault.message),
    }
}

#[test]
fn json_values_keep_their_spelling() {
    let text = r#" {"a": [1, -2.50e+3, true, false, null], "b\u00e9\ud83d\ude00\n": {}, "c": [], "": "x"} "#;
    assert_eq!(
        shown("a.json", text),
        "{\"a\":[1,-2.50e+3,true,false,null],\"bé😀\\n\":{},\"c\":[],\"\":\"x\"}"
    );
    assert_eq!(shown("a.json", "123456789012345678901234567890"), "123456789012345678901234567890");
    assert_eq!(shown("a.json", "\u{feff}{\"a\":\r\n\t1}\r\n"), "{\"a\":1}");
    assert_eq!(shown("a.json", r#""\ud800x""#), "\"\u{fffd}x\"");
}

#[test]
fn json_faults_name_their_byte() {
    assert_eq!(shown("a.json", "{\"a\": }"), "6: a JSON value was expected here");
    assert_eq!(shown("a.json", "{\"a\" 1}"), "5: `:` was expected here");
    assert_eq!(shown("a.json", "[1,]"), "3: a JSON value was expected here");
    assert_eq!(shown("a.json", "{\"a\":1,}"), "7: a key in double quotes was expected here");
    assert_eq!(shown("a.json", "[1] x"), "4: text follows after the end of the JSON document");
    assert_eq!(shown("a.json", "[1}"), "2: `,` or `]` was expected here");
    assert_eq!(shown("a.json", "{\"a"), "1: a string is not closed");
    assert_eq!(shown("a.json", "[01]"), "1: this is not a JSON number");
    assert_eq!(shown("a.json", "[\"\\x\"]"), "2: JSON knows no such escape");
    assert_eq!(shown("a.json", ""), "0: the JSON document ends too early");
    assert_eq!(shown("a.json", "\"\\"), "0: a string is not closed");
}

#[test]
fn json_spans_cover_the_written_value() {
    let text = r#"{"é": {"k": "v"}, "n": 12}"#;
    let tree = read("a.json", text).unwrap();
    let root = tree.roots()[0];
    let spans: Vec<&str> = tree
        .entries(root)
        .flat_map(|(k, v)| [k, v])
        .map(|n| &text[tree.span(n).start as usize..tree.span(n).end as usize])
        .collect();
    assert_eq!(spans, ["\"é\"", r#"{"k": "v"}"#, "\"n\"", "12"]);
}

#[test]
fn of_duplicate_keys_the_last_counts_and_they_are_named() {
    let tree = read("a.json", r#"{"a": 1, "b": 2, "a": 3}"#).unwrap();
    let root = tree.roots()[0];
    assert_eq!(tree.text(tree.get(root, "a").unwrap().1), Some("3"));
    let duplicates = tree.duplicates(root);
    assert_eq!(duplicates.len(), 1);
    assert_eq!(tree.span(duplicates[0]).start, 17);
}

#[test]
fn yaml_tags_and_styles() {
    let text = "a: !Ref X\nb: !GetAtt A.B\nc: !If [C, 1, \"2\"]\nd: !Sub\n  - '${x}'\n  - x: 1\ne: |\n  two\n  lines\nf: >-\n  folded\n  text\n";
    assert_eq!(
        shown("a.yaml", text),
        "{a:!Ref X,b:!GetAtt A.B,c:!If [C,1,\"2\"],d:!Sub [\"${x}\",{x:1}],e:\"two\\nlines\\n\",f:\"folded text\"}"
    );
    assert_eq!(shown("a.yml", "a:\nb: ~\nc: ''\nd: null\ne: yes"), "{a:null,b:null,c:\"\",d:null,e:yes}");
    assert_eq!(shown("a.yml", "a: !!str 12"), "{a:12}");
}

#[test]
fn yaml_anchors_merges_and_documents() {
    let text = "base: &b {x: 1, y: 2}\none:\n  <<: *b\n  y: 3\ntwo: *b\n---\nother: 1\n";
    assert_eq!(shown("a.yaml", text), "{base:{x:1,y:2},one:{y:3,x:1},two:{x:1,y:2}} --- {other:1}");
    assert_eq!(
        shown("a.yaml", "l: [&a {x: 1}, &b {y: 2}]\nm:\n  <<: [*a, *b]\n"),
        "{l:[{x:1},{y:2}],m:{x:1,y:2}}"
    );
}

#[test]
fn an_alias_bomb_is_dropped_with_a_doubt() {
    let mut text = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for level in 1..12 {
        let inner = vec![format!("*a{}", level - 1); 10].join(", ");
        text += &format!("a{level}: &a{level} [{inner}]\n");
    }
    let tree = read("a.yaml", &text).unwrap();
    assert_eq!(tree.doubts().len(), 1);
    assert!(tree.doubts()[0].message.contains("expand to too much"));
    assert!(show(&tree, tree.roots()[0]).len() < 2_000_000);
}

#[test]
fn an_alias_inside_its_own_anchor_is_dropped() {
    let tree = read("a.yaml", "a: &a\n  b: *a\n").unwrap();
    assert_eq!(show(&tree, tree.roots()[0]), "{a:{b:dropped}}");
    assert_eq!(tree.doubts().len(), 1);
}

#[test]
fn deep_nesting_is_a_fault_and_no_overflow() {
    for (path, text) in [
        ("a.json", "[".repeat(1_000_000)),
        ("a.yaml", "[".repeat(200_000)),
        ("a.yaml", "- ".repeat(100_000)),
        ("a.yaml", "? ".repeat(50_000)),
    ] {
        assert!(read(path, &text).is_err(), "{path}");
    }
}

#[test]
fn yaml_spans_count_bytes() {
    for newline in ["\n", "\r\n"] {
        let text = "é: ü # ñ\nkey: \"väl\"\nlist:\n- {a: ö}\n- \"x\\u00e9\"\nt: !Ref Ä\nlast: z\n"
            .replace('\n', newline);
        for text in [text.clone(), format!("\u{feff}{text}")] {
            let tree = read("a.yaml", &text).unwrap();
            let root = tree.roots()[0];
            let spans: Vec<&str> = tree
                .entries(root)
                .flat_map(|(k, v)| [k, v])
                .map(|n| &text[tree.span(n).start as usize..tree.span(n).end as usize])
                .collect();
            let list = format!("{{a: ö}}{newline}- \"x\\u00e9\"");
            let expected = ["é", "ü", "key", "\"väl\"", "list", &list, "t", "Ä", "last", "z"];
            assert_eq!(spans, expected, "{text:?}");
        }
    }
}

#[test]
fn a_block_ends_where_its_last_value_ends() {
    let text = "a:\n  b:\n    c: 1\n\n# comment\n\nd:\n  e:\n";
    let tree = read("a.yaml", text).unwrap();
    let (_, a) = tree.get(tree.roots()[0], "a").unwrap();
    assert_eq!(&text[tree.span(a).start as usize..tree.span(a).end as usize], "b:\n    c: 1");
}

#[test]
fn bytes_that_are_no_text_are_a_fault() {
    let fault = parse("a.yaml", Arc::from(&b"a: \xff\xfe"[..]), &Limits::default()).unwrap_err();
    assert_eq!(fault.span.start, 3);
    let limits = Limits { file_bytes: 3, ..Limits::default() };
    let fault = parse("a.yaml", Arc::from(&b"a: 12"[..]), &limits).unwrap_err();
    assert!(fault.message.contains("5 bytes"));
}

fn json_value() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        any::<String>().prop_map(Into::into),
    ];
    leaf.prop_recursive(5, 60, 8, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Into::into),
            prop::collection::vec((any::<String>(), inner), 0..6)
                .prop_map(|m| serde_json::Value::Object(m.into_iter().collect())),
        ]
    })
}

fn same(tree: &Tree, id: NodeId, value: &serde_json::Value) -> bool {
    match value {
        serde_json::Value::Null => tree.kind(id) == Kind::Null,
        serde_json::Value::Bool(b) => tree.is(id, if *b { "true" } else { "false" }),
        serde_json::Value::Number(n) => tree.is(id, &n.to_string()),
        serde_json::Value::String(s) => tree.kind(id) == Kind::Text && tree.is(id, s),
        serde_json::Value::Array(list) => {
            let items: Vec<NodeId> = tree.items(id).collect();
            items.len() == list.len() && items.iter().zip(list).all(|(i, v)| same(tree, *i, v))
        }
        serde_json::Value::Object(map) => {
            map.len() == tree.entries(id).count()
                && map.iter().all(|(k, v)| tree.get(id, k).is_some_and(|(_, i)| same(tree, i, v)))
        }
    }
}

proptest! {
    #[test]
    fn json_agrees_with_serde_json(value in json_value(), pretty in any::<bool>()) {
        let text = match pretty {
            true => serde_json::to_string_pretty(&value).unwrap(),
            false => serde_json::to_string(&value).unwrap(),
        };
        let tree = read("a.json", &text).unwrap();
        prop_assert!(same(&tree, tree.roots()[0], &value));
    }

    #[test]
    fn json_accepts_what_serde_json_accepts(text in "[\\[\\]{}:,\"0-9a-z.eE+\\- \\\\tfn]{0,24}") {
        let ours = read("a.json", &text).is_ok();
        let theirs = serde_json::from_str::<serde_json::Value>(&text);
        // Numbers beyond a double are fine for us.
        let range = theirs.as_ref().is_err_and(|e| e.to_string().contains("out of range"));
        prop_assert!(ours == theirs.is_ok() || range, "{text:?} {ours} {theirs:?}");
    }

    #[test]
    fn no_text_makes_either_parser_panic(text in "[\\[\\]{}:,\"'&*!|>%#?a-c0-2é\u{85} \n\r\t\\-~<]{0,60}") {
        let _ = read("a.json", &text);
        if let Ok(tree) = read("a.yaml", &text) {
            for node in tree.all() {
                let span = tree.span(node);
                prop_assert!(span.start <= span.end && text.get(span.start as usize..span.end as usize).is_some());
                let _ = (tree.kind(node), tree.text(node));
            }
        }
    }
}
