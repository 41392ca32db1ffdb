//! Prefix lists that AWS keeps, by id. Ids differ by region and never change; one id may stand for different
//! services in different regions. A list that is not here counts as unknown, which is safe.
//!
//! Names as in the VPC user guide, "AWS-managed prefix lists"; ids as `aws ec2 describe-managed-prefix-lists`
//! prints them in each region.

/// What an AWS-managed prefix list is called: its name where its id stands for one service only, else its id.
/// A name (`com.amazonaws.us-east-1.s3`) names itself.
pub(crate) fn name_of(id: &str) -> Option<String> {
    if id.starts_with("com.amazonaws.") {
        return Some(id.to_owned());
    }
    let mut rows = LISTS.iter().filter(|(known, _, _)| *known == id);
    let (_, region, service) = rows.next()?;
    if rows.next().is_some() {
        return Some(id.to_owned());
    }
    Some(match *service {
        CLOUDFRONT => format!("com.amazonaws.global.{service}"),
        _ => format!("com.amazonaws.{region}.{service}"),
    })
}

const S3: &str = "s3";
const DYNAMODB: &str = "dynamodb";
const CLOUDFRONT: &str = "cloudfront.origin-facing";

const LISTS: [(&str, &str, &str); 49] = [
    ("pl-78a54011", "ap-south-1", S3),
    ("pl-23ad484a", "eu-west-3", S3),
    ("pl-7ca54015", "eu-west-2", S3),
    ("pl-6da54004", "eu-west-1", S3),
    ("pl-78a54011", "ap-northeast-2", S3),
    ("pl-61a54008", "ap-northeast-1", S3),
    ("pl-6aa54003", "sa-east-1", S3),
    ("pl-7da54014", "ca-central-1", S3),
    ("pl-6fa54006", "ap-southeast-1", S3),
    ("pl-6ca54005", "ap-southeast-2", S3),
    ("pl-6ea54007", "eu-central-1", S3),
    ("pl-c3aa4faa", "eu-north-1", S3),
    ("pl-63a5400a", "us-east-1", S3),
    ("pl-7ba54012", "us-east-2", S3),
    ("pl-6ba54002", "us-west-1", S3),
    ("pl-68a54001", "us-west-2", S3),
    ("pl-66a7420f", "ap-south-1", DYNAMODB),
    ("pl-abb451c2", "eu-west-3", DYNAMODB),
    ("pl-b3a742da", "eu-west-2", DYNAMODB),
    ("pl-6fa54006", "eu-west-1", DYNAMODB),
    ("pl-48a54021", "ap-northeast-2", DYNAMODB),
    ("pl-78a54011", "ap-northeast-1", DYNAMODB),
    ("pl-60a54009", "sa-east-1", DYNAMODB),
    ("pl-4ea54027", "ca-central-1", DYNAMODB),
    ("pl-67a5400e", "ap-southeast-1", DYNAMODB),
    ("pl-62a5400b", "ap-southeast-2", DYNAMODB),
    ("pl-66a5400f", "eu-central-1", DYNAMODB),
    ("pl-adae4bc4", "eu-north-1", DYNAMODB),
    ("pl-02cd2c6b", "us-east-1", DYNAMODB),
    ("pl-4ca54025", "us-east-2", DYNAMODB),
    ("pl-6ea54007", "us-west-1", DYNAMODB),
    ("pl-00a54069", "us-west-2", DYNAMODB),
    ("pl-58a04531", "ap-northeast-1", CLOUDFRONT),
    ("pl-22a6434b", "ap-northeast-2", CLOUDFRONT),
    ("pl-9aa247f3", "ap-south-1", CLOUDFRONT),
    ("pl-31a34658", "ap-southeast-1", CLOUDFRONT),
    ("pl-b8a742d1", "ap-southeast-2", CLOUDFRONT),
    ("pl-38a64351", "ca-central-1", CLOUDFRONT),
    ("pl-a3a144ca", "eu-central-1", CLOUDFRONT),
    ("pl-fab65393", "eu-north-1", CLOUDFRONT),
    ("pl-4fa04526", "eu-west-1", CLOUDFRONT),
    ("pl-93a247fa", "eu-west-2", CLOUDFRONT),
    ("pl-75b1541c", "eu-west-3", CLOUDFRONT),
    ("pl-5da64334", "sa-east-1", CLOUDFRONT),
    ("pl-3b927c52", "us-east-1", CLOUDFRONT),
    ("pl-b6a144df", "us-east-2", CLOUDFRONT),
    ("pl-4ea04527", "us-west-1", CLOUDFRONT),
    ("pl-82a045eb", "us-west-2", CLOUDFRONT),
    ("pl-0e4bcff02b13bef1e", "us-east-1", "ec2-instance-connect"),
];

#[cfg(test)]
mod tests {
    use super::name_of;

    #[test]
    fn an_id_names_its_service_where_it_is_the_only_one() {
        assert_eq!(name_of("pl-63a5400a").as_deref(), Some("com.amazonaws.us-east-1.s3"));
        assert_eq!(name_of("pl-3b927c52").as_deref(), Some("com.amazonaws.global.cloudfront.origin-facing"));
        assert_eq!(name_of("pl-78a54011").as_deref(), Some("pl-78a54011"));
        assert_eq!(name_of("pl-12345678"), None);
    }
}
