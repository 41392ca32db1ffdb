//! Arguments of a library call by the names the library gives its parameters.

use super::library::{Signature, TypeInfo};
use super::nodes::Props;
use std::rc::Rc;
use tidegate_program::{Arguments, CallSite, NamedArgument};

/// The arguments by name: positional ones get the signature's names.
pub(crate) fn named(signature: Option<&Signature<'_>>, site: &CallSite, arguments: Arguments) -> Props {
    let mut props = Props { open: arguments.open_named.or(arguments.open_positional), ..Props::default() };
    props.named.reserve(arguments.positional.len() + arguments.named.len());
    let mut parameters = signature.map(Signature::positional).into_iter().flatten().fuse();
    let mut beyond = false;
    for argument in arguments.positional {
        match parameters.next().filter(|_| !beyond) {
            Some(parameter) if !parameter.variadic => {
                let name: Rc<str> = parameter.name.into();
                let place = tidegate_estate::Place { path: site.place.path.clone(), span: argument.span };
                let given = NamedArgument {
                    name: name.clone(),
                    value: argument.value,
                    place,
                    splatted: false,
                    written: None,
                };
                props.named.insert(name, given);
            }
            _ => {
                beyond = true;
                props.rest.push(argument.value);
            }
        }
    }
    for argument in arguments.named {
        props.splatted |= argument.splatted;
        props.named.insert(argument.name.clone(), argument);
    }
    props
}

/// The constructor's arguments. Constructs that the data do not know take scope and id.
pub(crate) fn of_constructor(info: Option<&TypeInfo<'_>>, site: &CallSite, arguments: Arguments) -> Props {
    let signature = info.and_then(TypeInfo::constructor);
    let mut props = named(signature.as_ref(), site, arguments);
    if signature.is_none() {
        for (name, value) in ["scope", "id"].into_iter().zip(std::mem::take(&mut props.rest)) {
            let name: Rc<str> = name.into();
            let given = NamedArgument {
                name: name.clone(),
                value,
                place: site.place.clone(),
                splatted: false,
                written: None,
            };
            props.named.entry(name).or_insert(given);
        }
    }
    props
}
