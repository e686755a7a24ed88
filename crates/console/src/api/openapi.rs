//! The document of `/api/v1` (`OpenAPI` 3.1), from the very table that requests are led by.

use std::collections::BTreeMap;

use crate::json::{self, Object};
use crate::route::{Door, Route, Verb};

use super::told::{Field, Of, Shape, Told};

const DESCRIPTION: &str = "Everything that the console can do, for programs. Send the token of an \
                           account (`toolgate account add`) as a bearer token. Single resources \
                           and lists have an ETag: `If-None-Match` answers 304, `If-Match` on a \
                           change 412 where it is no longer the same.";

/// Whatever is refused.
const REFUSED: Shape = Shape::of("Refused", &[Field::needed("error", Of::Shape(&ERROR), "")]);
const ERROR: Shape = Shape::of(
    "Error",
    &[
        Field::needed("code", Of::Text, "One word, for programs"),
        Field::needed("text", Of::Text, "One line, for people"),
    ],
);

/// What everything that is not done is answered with.
const REASONS: [(u16, &str); 14] = [
    (304, "The same as the ETag says"),
    (400, "What was sent cannot be read"),
    (401, "No right token, or no right signature"),
    (403, "Not with this role, not by this one, or from elsewhere"),
    (404, "There is no such thing"),
    (408, "The body took too long"),
    (409, "Not as things are"),
    (412, "No longer the same as the ETag says"),
    (413, "The body is too long"),
    (415, "The body is no JSON by its Content-Type"),
    (422, "What was sent can be read, and is wrong"),
    (429, "Too many tokens that are none"),
    (502, "The server cannot be reached"),
    (503, "Not now"),
];

/// As JSON, a line for each operation and each schema.
pub(crate) fn document<'r>(rows: impl Iterator<Item = &'r Route>) -> String {
    let mut paths: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    let mut schemas = BTreeMap::new();
    gather(&REFUSED, &mut schemas);
    for route in rows {
        let Some(told) = route.told else { continue };
        for shape in told.body.iter().chain(told.done.1.iter()) {
            gather(shape, &mut schemas);
        }
        let verb = json::string(&route.verb.as_str().to_ascii_lowercase());
        let row = format!("{verb}:{}", operation(route, told));
        paths.entry(route.path).or_default().push(row);
    }
    let paths = paths
        .iter()
        .map(|(path, rows)| format!("{}:{{\n{}\n}}", json::string(path), rows.join(",\n")));
    let schemas = schemas.iter().map(|(name, text)| format!("{}:{text}", json::string(name)));
    let bearer = Object::new()
        .text("type", "http")
        .text("scheme", "bearer")
        .text("description", "The token of an account; it begins with `tga_`")
        .finish();
    let components = Object::new()
        .raw("securitySchemes", &Object::new().raw("account", &bearer).finish())
        .raw("responses", &lines(REASONS.iter().map(|(status, why)| refusal(*status, why))))
        .raw("schemas", &lines(schemas))
        .finish();
    let info = Object::new()
        .text("title", "toolgate console")
        .text("version", "1")
        .text("description", DESCRIPTION)
        .finish();
    let document = Object::new()
        .text("openapi", "3.1.0")
        .raw("info", &info)
        .raw("paths", &lines(paths))
        .raw("components", &components);
    document.finish() + "\n"
}

fn lines(members: impl Iterator<Item = String>) -> String {
    format!("{{\n{}\n}}", members.collect::<Vec<_>>().join(",\n"))
}

fn operation(route: &Route, told: &Told) -> String {
    let object = Object::new().text("operationId", &name(route)).text("summary", told.summary);
    let object = match route.door {
        Door::Bearer(power, _) => object
            .text("description", &format!("Needs the role `{}`.", power.role().as_str()))
            .raw("security", r#"[{"account":[]}]"#),
        Door::Signed(_) => object.text("description", "Signed as Standard Webhooks are."),
        Door::Anyone(_) | Door::Session(..) => object,
    };
    let object = object.raw("parameters", &parameters(route, told));
    let object = match told.body {
        Some(shape) => {
            let needed = if told.needs_body() { "true" } else { "false" };
            let body = Object::new().raw("required", needed).raw("content", &content(shape));
            object.raw("requestBody", &body.finish())
        }
        None => object,
    };
    object.raw("responses", &answers(route, told)).finish()
}

/// `get_approvals_id`
fn name(route: &Route) -> String {
    let path = route.path.trim_start_matches("/api/v1/");
    let path: String = path.chars().filter(|c| !"{}".contains(*c)).collect();
    let verb = route.verb.as_str().to_ascii_lowercase();
    format!("{verb}_{}", path.replace(['/', '.', '-'], "_"))
}

fn parameters(route: &Route, told: &Told) -> String {
    let names = route.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    let text = r#"{"type":"string","minLength":1}"#;
    let in_path = names.map(|name| parameter(name, "path", "").raw("schema", text).finish());
    let in_query = told.query.iter().map(|field| {
        parameter(field.name, "query", field.about).raw("schema", &of(field.of)).finish()
    });
    let header = |name| {
        let any = r#"{"type":"string"}"#;
        parameter(name, "header", "An ETag that was given before").raw("schema", any).finish()
    };
    let condition = match (route.verb, told.done.1) {
        (Verb::Get, Some(_)) => Some(header("If-None-Match")),
        (Verb::Delete | Verb::Put, _) => Some(header("If-Match")),
        (Verb::Get | Verb::Post, _) => None,
    };
    json::array(in_path.chain(in_query).chain(condition))
}

fn parameter(name: &str, within: &str, about: &str) -> Object {
    let needed = if within == "path" { "true" } else { "false" };
    let about = (!about.is_empty()).then_some(about);
    let object = Object::new().text("name", name).text("in", within).raw("required", needed);
    object.maybe_text("description", about)
}

fn answers(route: &Route, told: &Told) -> String {
    let (status, shape) = told.done;
    let done = Object::new().text("description", "Done");
    let done = match shape {
        Some(shape) => done.raw("content", &content(shape)),
        None => done,
    };
    let mut all = BTreeMap::from([(status, done.finish())]);
    for status in refusals(route, told) {
        let refused = Object::new().text("$ref", &format!("#/components/responses/{status}"));
        all.insert(status, refused.finish());
    }
    let all = all.iter().map(|(status, answer)| (status.to_string(), answer));
    all.fold(Object::new(), |object, (status, answer)| object.raw(&status, answer)).finish()
}

/// What follows from the row itself, then what it adds. Any request may be one that nobody can
/// read, or come from elsewhere.
fn refusals(route: &Route, told: &Told) -> Vec<u16> {
    let known = [401, 429];
    let known = if matches!(route.door, Door::Anyone(_)) { &[][..] } else { &known };
    let sent = if told.body.is_some() { &[408, 413, 415][..] } else { &[] };
    let named = if route.path.contains('{') { &[404][..] } else { &[] };
    let conditional = match route.verb {
        Verb::Delete | Verb::Put => &[412][..],
        Verb::Get => &[304],
        Verb::Post => &[],
    };
    let every = [400, 403, 503];
    [&every[..], known, sent, named, conditional, told.refused].concat()
}

/// `"404":{…}`
fn refusal(status: u16, why: &str) -> String {
    let refused = Object::new().text("description", why);
    let refused = match status {
        304 => refused,
        _ => refused.raw("content", &content(&REFUSED)),
    };
    format!("\"{status}\":{}", refused.finish())
}

fn content(shape: &Shape) -> String {
    let schema = Object::new().raw("schema", &reference(shape)).finish();
    Object::new().raw("application/json", &schema).finish()
}

fn reference(shape: &Shape) -> String {
    Object::new().text("$ref", &format!("#/components/schemas/{}", shape.name)).finish()
}

/// It and all that stand in it.
fn gather(shape: &Shape, all: &mut BTreeMap<&'static str, String>) {
    if all.contains_key(shape.name) {
        return;
    }
    all.insert(shape.name, schema(shape));
    for field in shape.fields {
        let mut of = field.of;
        while let Of::List(item) = of {
            of = *item;
        }
        if let Of::Shape(shape) = of {
            gather(shape, all);
        }
    }
}

fn schema(shape: &Shape) -> String {
    let members = shape.fields.iter().fold(Object::new(), |members, field| {
        let of = of(field.of);
        let about = format!(",\"description\":{}}}", json::string(field.about));
        let open = of.strip_suffix('}').filter(|_| !field.about.is_empty());
        let of = match open {
            Some("{") => format!("{{{}", &about[1..]),
            Some(open) => format!("{open}{about}"),
            None => of,
        };
        members.raw(field.name, &of)
    });
    let needed = shape.fields.iter().filter(|field| field.is_needed);
    Object::new()
        .text("type", "object")
        .raw("properties", &members.finish())
        .raw("required", &json::array(needed.map(|field| json::string(field.name))))
        .raw("additionalProperties", "false")
        .finish()
}

fn of(of: Of) -> String {
    let object = Object::new();
    match of {
        Of::Any => object.finish(),
        Of::Flag => object.text("type", "boolean").finish(),
        Of::List(item) => object.text("type", "array").raw("items", &self::of(*item)).finish(),
        Of::Moment => object.text("type", "string").text("format", "date-time").finish(),
        Of::Number => object.text("type", "integer").raw("minimum", "0").finish(),
        Of::Word(words) => {
            let words = json::array(words.iter().map(|word| json::string(word)));
            object.text("type", "string").raw("enum", &words).finish()
        }
        Of::Shape(shape) => reference(shape),
        Of::Text => object.text("type", "string").finish(),
    }
}
