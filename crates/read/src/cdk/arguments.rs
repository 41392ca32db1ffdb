//! Arguments of a library call by the names the library gives its parameters.

use super::library::{self, Signature, TypeInfo};
use super::nodes::{PropValues, Props};
use std::rc::Rc;
use tidegate_program::{Arguments, CallSite, NamedArgument};

/// The arguments by name: positional ones get the signature's names.
pub(crate) fn named(signature: Option<&Signature<'static>>, site: &CallSite, arguments: Arguments) -> Props {
    let mut props =
        PropValues { open: arguments.open_named.or(arguments.open_positional), ..PropValues::default() };
    props.named.reserve(arguments.positional.len() + arguments.named.len());
    let parameters = signature.filter(|_| !arguments.positional.is_empty()).map(library::positional);
    let mut parameters = parameters.iter().flat_map(|all| all.iter()).fuse();
    let mut beyond = false;
    for argument in arguments.positional {
        match parameters.next().filter(|_| !beyond) {
            Some((name, false)) => {
                let name: Rc<str> = name.clone();
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
    props.into()
}

/// The constructor's arguments. Constructs that the data do not know take scope and id.
pub(crate) fn of_constructor(
    info: Option<&TypeInfo<'static>>,
    site: &CallSite,
    arguments: Arguments,
) -> Props {
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
