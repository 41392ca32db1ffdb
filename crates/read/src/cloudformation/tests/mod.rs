//! Templates in, policies in words out.

mod acls;
mod assemblies;
mod bad_input;
mod choices;
mod default_groups;
mod groups;
mod intrinsics;
mod nested;
mod partly;
mod places;
mod prefix_lists;
mod samples;
mod show;
mod standalone;
mod unread;
