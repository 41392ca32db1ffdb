//! The library as the interpreter sees it: names, objects, attributes, calls.

use super::attributes::attribute;
use super::calls::{hand_out, looks_like_construct, object, static_call};
use super::methods::method;
use super::nodes::Node;
use super::ports::well_known_port;
use super::{Cdk, constructs, is_a, library, network, overrides, tokens};
use std::rc::Rc;
use std::sync::Arc;
use tidegate_estate::Span;
use tidegate_program::value::Unknown;
use tidegate_program::{Arguments, CallSite, Host, Interp, NativeId, ObjectId, Value};

type Cx<'f> = Interp<Cdk<'f>>;

impl<'f> Host for Cdk<'f> {
    fn file(cx: &Cx<'f>, path: &str) -> Option<Arc<[u8]>> {
        cx.host.sources.file(path)
    }

    fn has_file(cx: &Cx<'f>, path: &str) -> bool {
        cx.host.sources.has_file(path)
    }

    fn has_folder(cx: &Cx<'f>, folder: &str) -> bool {
        cx.host.sources.has_folder(folder)
    }

    fn canonical(_: &Cx<'f>, module: &str) -> Rc<str> {
        match module.strip_prefix("aws_cdk.core") {
            Some("") => "aws_cdk".into(),
            _ => module.into(),
        }
    }

    fn members(_: &Cx<'f>, module: &str) -> Vec<Rc<str>> {
        library::types_in(module).iter().map(|name| Rc::from(*name)).collect()
    }

    fn external(cx: &mut Cx<'f>, path: &str) -> Option<Value> {
        if let Some(rest) = path.strip_prefix("aws_cdk.core.") {
            let plain = match rest {
                "Construct" | "IConstruct" => format!("constructs.{rest}"),
                rest => format!("aws_cdk.{rest}"),
            };
            return Some(Self::external(cx, &plain).unwrap_or_else(|| Value::External(plain.into())));
        }
        if let Some(name) = path.strip_prefix("aws_cdk.Aws.") {
            return Some(pseudo_parameter(cx, name));
        }
        let port = well_known_port(path.strip_prefix("aws_cdk.aws_ec2.Port.")?)?;
        Some(Value::Native(cx.host.add(Node::Port(port))))
    }

    fn call(
        cx: &mut Cx<'f>,
        path: &Rc<str>,
        site: &CallSite,
        arguments: Arguments,
    ) -> Result<Value, Box<Arguments>> {
        if let Some(info) = library::lookup(path) {
            if info.is_construct() {
                return Ok(Value::Native(constructs::call(cx, path, site, arguments, None)));
            }
            return Ok(object(cx, path, site, arguments));
        }
        static_call(cx, path, site, arguments)
    }

    fn construct(
        cx: &mut Cx<'f>,
        base: &Rc<str>,
        instance: ObjectId,
        site: &CallSite,
        arguments: Arguments,
    ) -> Value {
        let is_construct = library::lookup(base).is_none_or(|info| info.is_construct());
        if is_construct && (base.starts_with("aws_cdk") || base.starts_with("constructs.")) {
            return Value::Native(constructs::call(cx, base, site, arguments, Some(instance)));
        }
        if is_construct && looks_like_construct(cx, &arguments) {
            // A construct of a library that is not read: its place in the tree is known all the same.
            return Value::Native(constructs::call(cx, base, site, arguments, Some(instance)));
        }
        object(cx, base, site, arguments)
    }

    fn attribute(cx: &mut Cx<'f>, id: NativeId, name: &Rc<str>, span: Span) -> Value {
        attribute(cx, id, name, span)
    }

    fn set_attribute(cx: &mut Cx<'f>, id: NativeId, name: &Rc<str>, value: Value, span: Span) {
        let place = cx.place(span);
        match cx.host.node(id) {
            Node::DefaultChild(group) => {
                let group = *group;
                overrides::assign(cx, group, name, value, &place);
            }
            Node::Construct(construct) => {
                if let Some(group) = construct.group
                    && construct.class.ends_with(".CfnSecurityGroup")
                {
                    overrides::assign(cx, group, name, value, &place);
                    return;
                }
                if let Some(construct) = cx.host.construct_mut(id) {
                    construct.set.insert(name.clone(), value);
                }
            }
            Node::Object { from: Some((owner, attribute)), .. }
                if &**attribute == "cfn_options" && &**name == "condition" =>
            {
                let owner = *owner;
                if let Some(guard) = tokens::condition(cx, &value) {
                    let here = cx.guard();
                    let unless = here.negate();
                    cx.host.conditions.insert(owner, guard.or(unless));
                }
            }
            _ => {}
        }
    }

    fn call_method(
        cx: &mut Cx<'f>,
        id: NativeId,
        name: &Rc<str>,
        site: &CallSite,
        arguments: Arguments,
    ) -> Value {
        method(cx, id, name, site, arguments)
    }

    fn call_unknown(
        cx: &mut Cx<'f>,
        unknown: &Rc<Unknown>,
        name: &str,
        site: &CallSite,
        arguments: Arguments,
    ) -> Value {
        hand_out(cx, &arguments, &unknown.reason, site);
        let plain = arguments.positional.is_empty() && arguments.named.is_empty();
        if plain {
            cx.derived(unknown, &format!("{name}()"), None)
        } else {
            cx.unknown(unknown.reason.clone())
        }
    }

    fn is_instance(cx: &mut Cx<'f>, value: &Value, class: &str) -> Option<bool> {
        let class = class
            .strip_prefix("aws_cdk.core.")
            .map_or_else(|| class.to_owned(), |rest| format!("aws_cdk.{rest}"));
        match value {
            Value::Native(id) => match cx.host.node(*id) {
                Node::Construct(construct) => Some(is_a(&construct.class, &class)),
                Node::DefaultChild(_) => Some(matches!(
                    &*class,
                    "aws_cdk.aws_ec2.CfnSecurityGroup"
                        | "aws_cdk.CfnResource"
                        | "aws_cdk.CfnElement"
                        | "aws_cdk.CfnRefElement"
                        | "constructs.Construct"
                        | "constructs.IConstruct"
                )),
                _ => cx.host.class_name(*id).map(|own| is_a(own, &class)),
            },
            Value::Unknown(unknown) => {
                let kind = unknown.kind.clone()?;
                is_a(&kind, &class).then_some(true)
            }
            Value::Instance(_) => None,
            // Nothing but what the library makes is of its classes; of other libraries' classes nobody knows.
            _ => ["aws_cdk.", "constructs."].iter().any(|own| class.starts_with(own)).then_some(false),
        }
    }

    fn annotated(_: &mut Cx<'f>, path: &str) -> Option<Rc<str>> {
        network::is_known(path).then(|| path.into())
    }
}

/// `Aws.REGION` and the others: the same value wherever it is named.
fn pseudo_parameter(cx: &mut Cx<'_>, name: &str) -> Value {
    let shown = match name {
        "ACCOUNT_ID" => "AWS::AccountId".to_owned(),
        "URL_SUFFIX" => "AWS::URLSuffix".to_owned(),
        "NOTIFICATION_ARNS" => "AWS::NotificationARNs".to_owned(),
        "NO_VALUE" => return Value::None,
        name => {
            let words = name.split('_').map(|word| {
                let (first, rest) = word.split_at(word.len().min(1));
                first.to_owned() + &rest.to_lowercase()
            });
            format!("AWS::{}", words.collect::<String>())
        }
    };
    cx.outside_anywhere(&shown, &format!("it is {shown}, which is only known at deployment"))
}
