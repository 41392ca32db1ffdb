//! What values that are handed round, hidden or unknown do to a group.

use crate::egress::groups;
use crate::program;

#[track_caller]
fn means(body: &str, expected: &[&str]) {
    assert_eq!(program(body), expected, "{body}");
}

#[test]
fn subclasses_wrappers_and_factories_make_groups() {
    means(
        "class G(ec2.SecurityGroup):\n  def __init__(self, scope, id, **kw):\n    super().__init__(scope, id, vpc=v, allow_all_outbound=False, **kw)\nG(s, 'G')\n",
        &["S/G: shut"],
    );
    means(
        "def make(id, open=False):\n  return ec2.SecurityGroup(s, id, vpc=v, allow_all_outbound=open)\nmake('A')\nmake('B', True)\n",
        &["S/A: shut", "S/B: open"],
    );
    means(
        "from functools import partial\nmake = partial(ec2.SecurityGroup, vpc=v, allow_all_outbound=False)\nmake(s, 'A')\n",
        &["S/A: shut"],
    );
    means("ec2.SecurityGroup(s, 'A', vpc=v, allow_all_outbound=None)\n", &["S/A: open"]);
    means(
        "props = {'vpc': v}\nprops['allow_all_outbound'] = False\nec2.SecurityGroup(s, 'A', **props)\n",
        &["S/A: shut"],
    );
}

#[test]
fn one_condition_makes_two_worlds() {
    means(
        "prod = os.environ['E'] == 'prod'\nec2.SecurityGroup(s, 'A', vpc=v, allow_all_outbound=True if prod else False)\n",
        &["S/A: open or shut"],
    );
    means(
        "prod = os.environ['E'] == 'prod'\nif prod:\n  ec2.SecurityGroup(s, 'A', vpc=v)\n",
        &["S/A: open when"],
    );
    means(
        "prod = os.environ['E'] == 'prod'\ng = ec2.SecurityGroup(s, 'A', vpc=v, allow_all_outbound=False)\nif prod:\n  g.add_egress_rule(ec2.Peer.any_ipv4(), ec2.Port.tcp(443))\n",
        &["S/A: part or shut"],
    );
    means(
        "props = {}\nif os.environ['E'] == 'prod':\n  props['allow_all_outbound'] = False\nec2.SecurityGroup(s, 'A', vpc=v, **props)\n",
        &["S/A: open or shut"],
    );
    means(
        "kind = 'a'\nif os.environ['E'] == 'prod':\n  kind = 'b'\nec2.SecurityGroup(s, 'A', vpc=v, allow_all_outbound=kind == 'b')\n",
        &["S/A: open or shut"],
    );
}

#[test]
fn what_nobody_can_know_is_a_question() {
    means("ec2.SecurityGroup(s, 'A', vpc=v, allow_all_outbound=os.environ['E'])\n", &["S/A: shut?"]);
    means(
        "import other\nec2.SecurityGroup(s, 'A', vpc=v, allow_all_outbound=other.value())\n",
        &["S/A: shut?"],
    );
    means("import other\nec2.SecurityGroup(s, 'A', vpc=v, **other.props())\n", &["S/A: shut?"]);
    means(
        "g = ec2.SecurityGroup(s, 'A', vpc=v, allow_all_outbound=False)\ng.add_egress_rule(ec2.Peer.ipv4(os.environ['CIDR']), ec2.Port.tcp(443))\n",
        &["S/A: shut?"],
    );
    means(
        "for n in os.environ['NAMES'].split(','):\n  ec2.SecurityGroup(s, f'G-{n}', vpc=v, allow_all_outbound=False)\n",
        &["S/{…}: shut"],
    );
}

#[test]
fn ipv6_is_a_question_of_its_own() {
    means("ec2.SecurityGroup(s, 'A', vpc=v, allow_all_ipv6_outbound=True)\n", &["S/A: open+open6"]);
    means(
        "ec2.SecurityGroup(s, 'A', vpc=v, allow_all_outbound=False, allow_all_ipv6_outbound=True)\n",
        &["S/A: open6"],
    );
}

#[test]
fn tags_and_checks_change_nothing() {
    means(
        "from cdk_nag import AwsSolutionsChecks\nec2.SecurityGroup(s, 'A', vpc=v, allow_all_outbound=False)\ncdk.Tags.of(app).add('a', 'b')\ncdk.Aspects.of(app).add(AwsSolutionsChecks())\n",
        &["S/A: shut"],
    );
}

#[test]
fn an_unknown_aspect_touches_its_own_part_only() {
    means(
        "from vendor import Opener\nt = cdk.Stack(app, 'T')\nec2.SecurityGroup(s, 'A', vpc=v, allow_all_outbound=False)\nec2.SecurityGroup(t, 'B', vpc=v, allow_all_outbound=False)\ncdk.Aspects.of(t).add(Opener())\n",
        &["S/A: shut", "T/B: shut?"],
    );
}

#[test]
fn an_aspect_of_the_project_is_followed() {
    means(
        "import jsii\n@jsii.implements(cdk.IAspect)\nclass Close:\n  def visit(self, node):\n    if isinstance(node, ec2.CfnSecurityGroup):\n      node.security_group_egress = [{'ipProtocol': 'tcp', 'fromPort': 443, 'toPort': 443, 'cidrIp': '10.0.0.0/8'}]\nec2.SecurityGroup(s, 'A', vpc=v)\ncdk.Aspects.of(app).add(Close())\n",
        &["S/A: part"],
    );
}

#[test]
fn escape_hatches_rewrite_the_group() {
    means(
        "g = ec2.SecurityGroup(s, 'A', vpc=v)\ng.node.default_child.add_property_override('SecurityGroupEgress', [{'IpProtocol': 'tcp', 'FromPort': 443, 'ToPort': 443, 'CidrIp': '10.0.0.0/8'}])\n",
        &["S/A: part"],
    );
    means(
        "g = ec2.SecurityGroup(s, 'A', vpc=v, allow_all_outbound=False)\ng.node.default_child.add_override('Properties.SecurityGroupEgress', [{'IpProtocol': '-1', 'CidrIp': '0.0.0.0/0'}])\n",
        &["S/A: open"],
    );
    means(
        "g = ec2.CfnSecurityGroup(s, 'A', group_description='x')\nec2.CfnSecurityGroupEgress(s, 'E', group_id=g.attr_group_id, ip_protocol='tcp', from_port=443, to_port=443, cidr_ip='10.0.0.0/8')\n",
        &["S/A: part"],
    );
}

#[test]
fn a_group_handed_to_something_unknown_is_a_question() {
    let hand = |call: &str| {
        format!(
            "from vendor import Widget\nclass Plain:\n  def __init__(self, g):\n    self.group = g\n\
             g = ec2.SecurityGroup(s, 'A', vpc=v, allow_all_outbound=False)\n{call}\n"
        )
    };
    for call in [
        "Widget(s, 'W', security_group=g)",
        "Widget(s, 'W', config={'network': {'groups': [g]}})",
        "Widget(s, 'W', {g})",
        "Widget(s, 'W', Plain(g))",
        "Widget(g.connections)",
    ] {
        means(&hand(call), &["S/A: shut?"]);
    }
    // A scope is no way to a group, or every call would be one.
    means(&hand("s.held = g\nWidget(s, 'W')"), &["S/A: shut"]);
}

#[test]
fn lists_of_the_vendor_let_nothing_out_and_unknown_ones_are_questions() {
    let rule = |peer: &str| {
        format!(
            "g = ec2.SecurityGroup(s, 'A', vpc=v, allow_all_outbound=False)\ng.add_egress_rule({peer}, ec2.Port.tcp(443))\n"
        )
    };
    means(&rule("ec2.Peer.prefix_list('pl-63a5400a')"), &["S/A: shut"]);
    means(&rule("ec2.Peer.prefix_list(os.environ['PL'])"), &["S/A: shut?"]);
    means(&rule("ec2.Peer.security_group_id('sg-12345678')"), &["S/A: shut"]);
}

#[test]
fn a_default_group_is_closed_by_its_property() {
    assert_eq!(
        program("ec2.Vpc(s, 'N', restrict_default_security_group=True)\n")
            .iter()
            .filter(|line| line.contains("open"))
            .count(),
        0
    );
}

#[test]
fn an_import_declared_open_makes_no_rule() {
    let found =
        program("ec2.SecurityGroup.from_security_group_id(s, 'I', 'sg-12345678', allow_all_outbound=True)\n");
    assert!(found.iter().all(|line| line.starts_with("declared ")), "{found:?}");
}

#[test]
fn lists_that_contain_themselves_end() {
    // Forty ways on from each step: without bounds there is no end to it.
    let list = "g = ec2.SecurityGroup(s, 'G', vpc=v, allow_all_outbound=False)\nl = [g]\nl += [l] * 40\n";
    let handed = program(&format!("{list}somebody.changes(l)\n"));
    assert_eq!(handed, ["S/G: shut?"]);
    let instance = "ec2.Instance(s, 'I', vpc=v, instance_type=t, machine_image=i, security_group=l)\n";
    assert_eq!(program(&format!("{list}{instance}")), ["S/G: shut"]);
    let rules = program(
        "r = {'ip_protocol': '-1', 'cidr_ip': '0.0.0.0/0'}\nl = [r]\nl += [l] * 40\n\
         ec2.CfnSecurityGroup(s, 'G', group_description='x', security_group_egress=l)\n",
    );
    assert_eq!(rules, ["S/G: shut?"]);
}

#[test]
fn a_program_that_ends_with_an_exception_is_no_clean_program() {
    // With a `cdk.json`, context that no file gives is not given.
    let app = |body: &str| {
        let text = format!("import sys\n{}{body}", crate::HEAD);
        let files = crate::read_files(&[("cdk.json", "{\"app\": \"python app.py\"}"), ("app.py", &text)]);
        (
            groups(&files.estates),
            files.diagnostics.iter().any(|d| d.message.contains("ends with an exception")),
        )
    };
    let open = |body: &str, expected: &str, said: bool| {
        assert_eq!(app(body), (vec![expected.to_owned()], said), "{body}")
    };
    // Wrong usage: with context on the command line it goes on.
    let usage = "stage = s.node.try_get_context('stage')\nif stage not in ('dev', 'prod'):\n  END\nec2.SecurityGroup(s, 'A', vpc=v)\n";
    for end in ["sys.exit('usage')", "sys.exit(1)", "raise SystemExit('usage')", "raise ValueError(stage)"] {
        open(&usage.replace("END", end), "S/A: open when", true);
    }
    // Nobody knows why: the rest may be run all the same.
    open("raise ValueError('x')\nec2.SecurityGroup(s, 'A', vpc=v)\n", "S/A: open when", true);
    open(
        "def f():\n  raise ValueError('x')\nf()\nec2.SecurityGroup(s, 'A', vpc=v)\n",
        "S/A: open when",
        true,
    );
    // Caught, it is no end.
    open(
        "try:\n  raise ValueError('x')\nexcept ValueError:\n  ec2.SecurityGroup(s, 'A', vpc=v)\n",
        "S/A: open",
        false,
    );
    // Ending well is no exception: what is not given is not given.
    for end in
        ["sys.exit()", "sys.exit(0)", "raise SystemExit", "raise SystemExit(0)", "sys.exit(app.main())"]
    {
        let group =
            "ec2.SecurityGroup(s, 'A', vpc=v, allow_all_outbound=s.node.try_get_context('open') == 'yes')\n";
        open(&format!("{group}{end}\n"), "S/A: shut", false);
    }
}

#[test]
fn pseudo_parameters_are_unknown_in_conditions() {
    means(
        "c = cdk.CfnCondition(s, 'C', expression=cdk.Fn.condition_equals(cdk.Aws.REGION, 'us-east-1'))\n\
         a = ec2.CfnSecurityGroup(s, 'A', group_description='d')\na.cfn_options.condition = c\n",
        &["S/A: open when"],
    );
}

#[test]
fn aspects_that_ask_for_the_type_of_a_resource_find_the_groups() {
    let aspect = |test: &str| {
        format!(
            "import jsii\n@jsii.implements(cdk.IAspect)\nclass Close:\n  def visit(self, node):\n    if {test}:\n      \
             node.add_property_override('SecurityGroupEgress', [{{'IpProtocol': 'tcp', 'FromPort': 443, 'ToPort': 443, 'CidrIp': '10.0.0.0/8'}}])\n\
             ec2.SecurityGroup(s, 'A', vpc=v)\ncdk.Aspects.of(s).add(Close())\n"
        )
    };
    for test in [
        "isinstance(node, cdk.CfnResource) and node.cfn_resource_type == 'AWS::EC2::SecurityGroup'",
        "getattr(node, 'cfn_resource_type', None) == 'AWS::EC2::SecurityGroup'",
        "cdk.CfnResource.is_cfn_resource(node) and node.cfn_resource_type == 'AWS::EC2::SecurityGroup'",
    ] {
        means(&aspect(test), &["S/A: part"]);
    }
    means(
        &aspect("isinstance(node, cdk.CfnResource) and node.cfn_resource_type == 'AWS::S3::Bucket'"),
        &["S/A: open"],
    );
}

#[test]
fn a_prefix_list_is_a_peer() {
    let rule = |block: &str| {
        format!(
            "g = ec2.SecurityGroup(s, 'A', vpc=v, allow_all_outbound=False)\n\
             pl = ec2.PrefixList(s, 'L', entries=[ec2.CfnPrefixList.EntryProperty(cidr='{block}')])\n\
             g.add_egress_rule(pl, ec2.Port.all_traffic())\n"
        )
    };
    means(&rule("0.0.0.0/0"), &["S/A: open"]);
    means(&rule("10.0.0.0/8"), &["S/A: part"]);
}

#[test]
fn an_import_of_which_nobody_knows_is_a_question() {
    means(
        "ec2.SecurityGroup.from_security_group_id(s, 'I', 'sg-12345678', allow_all_outbound=os.environ['X'])\n",
        &["declared S/I: shut?"],
    );
    means("ec2.SecurityGroup.from_security_group_id(s, 'I', 'sg-12345678')\n", &[]);
}

#[test]
fn a_block_of_one_address_is_no_question_wherever_it_is() {
    let rule = |peer: &str| {
        format!(
            "g = ec2.SecurityGroup(s, 'A', vpc=v, allow_all_outbound=False)\ng.add_egress_rule({peer}, ec2.Port.tcp(443))\n"
        )
    };
    for peer in [
        "ec2.Peer.ipv4(f\"{os.environ['IP']}/32\")",
        "ec2.Peer.ipv4(os.environ['IP'] + '/32')",
        "ec2.Peer.ipv4(f'{ec2.CfnEIP(s, \"E\").attr_public_ip}/32')",
    ] {
        let estates = crate::read_files(&[("app.py", &format!("{}{}", crate::HEAD, rule(peer)))]).estates;
        let hidden = estates.iter().flat_map(|estate| &estate.policies).flat_map(|policy| &policy.rules).any(
            |rule| matches!(&rule.peer, tidegate_estate::Value::Known(tidegate_estate::Peer::Hidden(hidden)) if hidden.length == 32),
        );
        assert!(hidden, "{peer}");
    }
}

#[test]
fn numbers_in_ids_are_written_as_python_writes_them() {
    means(
        "for i in range(2):\n  ec2.SecurityGroup(s, f'sg-{i:02d}', vpc=v)\n",
        &["S/sg-00: open", "S/sg-01: open"],
    );
}
