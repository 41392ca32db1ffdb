use super::show::yaml;

fn to(list: &str) -> String {
    format!(
        "Parameters:\n  P: {{Type: String}}\nConditions:\n  C: !Equals [!Ref P, x]\nResources:\n  L:\n    Type: AWS::EC2::PrefixList\n    Properties:\n      PrefixListName: l\n      AddressFamily: IPv4\n      MaxEntries: 5\n      Entries:\n        - {{Cidr: 0.0.0.0/1}}\n        - {{Cidr: 128.0.0.0/1, Description: d}}\n        - !If [C, {{Cidr: 10.0.0.0/8}}, !Ref AWS::NoValue]\n  A:\n    Type: AWS::EC2::SecurityGroup\n    Properties:\n      SecurityGroupEgress: [{{IpProtocol: -1, DestinationPrefixListId: {list}}}]\n"
    )
}

#[test]
fn a_list_of_the_template_has_its_entries() {
    for list in ["!Ref L", "!GetAtt L.PrefixListId", "!Sub '${L}'"] {
        assert_eq!(
            yaml(&to(list)),
            "A [parameter P=x]: any list L (0.0.0.0/1 128.0.0.0/1 10.0.0.0/8)\n\
             A [parameter P=another value]: any list L (0.0.0.0/1 128.0.0.0/1)\n",
            "{list}"
        );
    }
}

#[test]
fn lists_of_the_vendor_have_names() {
    assert!(yaml(&to("pl-63a5400a")).contains("any list com.amazonaws.us-east-1.s3\n"));
    let mapped = to("!FindInMap [M, !Ref AWS::Region, s3]")
        + "Mappings:\n  M: {us-east-1: {s3: pl-63a5400a}, us-east-2: {s3: pl-7ba54012}}\n";
    let out = yaml(&mapped);
    assert!(
        out.contains("list com.amazonaws.us-east-1.s3") && out.contains("list com.amazonaws.us-east-2.s3")
    );
}

#[test]
fn any_other_list_is_unknown() {
    assert!(
        yaml(&to("pl-0123456789abcdef0"))
            .contains("?(the prefix list pl-0123456789abcdef0 is not in the input)")
    );
    assert!(yaml(&to("!GetAtt Lookup.Id")).contains("?(Lookup is not a resource"));
    assert!(yaml(&to("!Ref A")).contains("?(the prefix list A is not in the input)"));
}
