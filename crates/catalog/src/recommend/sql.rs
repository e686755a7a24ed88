//! Statements that only read, as far as an expression can tell.

use crate::{Param, Tool};

/// One statement that reads. `WITH` and `EXPLAIN ANALYZE` may write (`PostgreSQL`, "WITH Queries"),
/// so neither begins one.
pub(super) const READS: &str = r"(?is)\s*(select|show|describe|desc)\b[^;]*;?\s*";

/// Words that change something; `/*!` is a comment that `MySQL` runs.
pub(super) const WRITES: &str = concat!(
    r"(?i)\b(alter|call|copy|create|delete|drop|exec|execute|grant|insert|into|lock|merge|",
    r"replace|revoke|set|truncate|update|vacuum)\b|/\*!|;\s*\S",
);

/// Functions that read and write files, call out, or change the server, of `PostgreSQL`, `MySQL`,
/// `SQLite`, SQL Server and Oracle; and escapes that hide their names.
pub(super) const REACHES: &str = concat!(
    r#"(?i)\b(pg_(read|ls|stat_file|write|file|log|rotate|reload|terminate|cancel|sleep|promote|"#,
    r#"switch|create|drop|advisory|notify|execute|import|export)|lo_(import|export|put|create|"#,
    r#"unlink|from)|dblink|set_config|load_(file|extension)|sys_(exec|eval)|"#,
    r#"readfile|writefile|fts3_tokenizer|xp_|sp_oa|openrowset|opendatasource|openquery|"#,
    r#"utl_|dbms_|"#,
    r#"httpuritype|(query|table|cursor|database|schema)_to_xml|"#,
    r#"waitfor\s|u&["']|(benchmark|nextval|setval|sleep)\b["`\]]?\s*(\(|/\*|--|\#))"#,
);

pub(super) fn is_sql(tool: &Tool<'_>, param: &Param<'_>) -> bool {
    let name = param.name.to_ascii_lowercase();
    let says = |text: &str| {
        let text = text.to_ascii_lowercase();
        text.contains("sql") && !text.contains("graphql") && !text.contains("soql")
    };
    name.contains("sql") && !name.contains("graphql")
        || matches!(&*name, "query" | "queries" | "statement" | "statements")
            && (says(&param.description) || says(&tool.name))
}
