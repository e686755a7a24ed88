//! What the shop's tools do, to things that exist only here.

use std::collections::BTreeMap;

use toolgate_json::Value;

/// What a tool answers: a text, or the text of its failure.
pub(super) type Outcome = Result<String, String>;

pub(super) struct Stock {
    customers: BTreeMap<&'static str, Customer>,
}

struct Customer {
    name: &'static str,
    /// As it was asked for, number by number: the shop keeps no sums.
    refunds: Vec<String>,
}

const FILES: [(&str, &str); 3] = [
    ("/shop/public/prices.txt", "tea 4.20\ncoffee 5.10\n"),
    ("/shop/public/hours.txt", "Mon-Sat 9-18\n"),
    ("/shop/private/payroll.csv", "name,salary\nAda,4200\nGrace,4300\n"),
];

impl Stock {
    pub(super) fn new() -> Self {
        let people = [("c-1", "Ada"), ("c-2", "Grace"), ("c-3", "Edsger")];
        let customers =
            people.map(|(id, name)| (id, Customer { name, refunds: Vec::new() })).into_iter();
        Self { customers: customers.collect() }
    }

    /// Nothing if there is no such tool.
    pub(super) fn call(&mut self, tool: &str, arguments: Option<Value<'_>>) -> Option<Outcome> {
        Some(match tool {
            "list_customers" => Ok(self.list()),
            "read_file" => text(arguments, "path").and_then(|path| read(&path)),
            "refund" => self.refund(arguments),
            "run_command" => text(arguments, "command")
                .map(|command| format!("nothing was run; it would have been: {command}")),
            "delete_customer" => text(arguments, "customer").and_then(|id| self.delete(&id)),
            _ => return None,
        })
    }

    fn list(&self) -> String {
        let line = |(id, customer): (&&str, &Customer)| {
            format!("{id} {} ({} refunds)", customer.name, customer.refunds.len())
        };
        self.customers.iter().map(line).collect::<Vec<_>>().join("\n")
    }

    fn refund(&mut self, arguments: Option<Value<'_>>) -> Outcome {
        let id = text(arguments, "customer")?;
        let amount = arguments
            .and_then(|arguments| arguments.get("amount"))
            .and_then(Value::as_number)
            .ok_or("`amount` must be a number")?;
        let customer = self.customers.get_mut(id.as_str()).ok_or("no such customer")?;
        customer.refunds.push(amount.to_owned());
        Ok(format!("refunded {amount} to {}", customer.name))
    }

    fn delete(&mut self, id: &str) -> Outcome {
        let customer = self.customers.remove(id).ok_or("no such customer")?;
        Ok(format!("{} is gone", customer.name))
    }
}

fn text(arguments: Option<Value<'_>>, name: &str) -> Result<String, String> {
    let value = arguments.and_then(|arguments| arguments.get(name)).and_then(Value::as_str);
    value.map(std::borrow::Cow::into_owned).ok_or_else(|| format!("`{name}` must be a string"))
}

fn read(path: &str) -> Outcome {
    let file = FILES.into_iter().find(|(name, _)| *name == path);
    file.map(|(_, text)| text.to_owned()).ok_or_else(|| format!("no file `{path}`"))
}
