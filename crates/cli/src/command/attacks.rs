//! `attacks`: what is known of them, and what a policy does about them.

use std::io;
use std::process::ExitCode;
use std::thread;

use toolgate_catalog::attacks::{self as known, Attack, Family};
use toolgate_policy::document::outline::nearest;

use crate::args::{AttacksArgs, AttacksCommand, RunAttackArgs, TargetArgs};
use crate::attacks::{Played, line, list, play, serve, show, story, to_json};
use crate::exit::{Exit, Failure};
use crate::{json, output};

pub(super) fn execute(args: AttacksArgs) -> Result<ExitCode, Failure> {
    let json = args.json;
    match args.command {
        AttacksCommand::List(args) => list(args.family.map(Family::from), json)?,
        AttacksCommand::Run(args) => return run(&args, json),
        AttacksCommand::Show(args) => show(find(&args.id)?, json)?,
        AttacksCommand::Target(args) => target(&args)?,
    }
    Ok(Exit::Ok.into())
}

fn find(id: &str) -> Result<&'static Attack, Failure> {
    known::find(id).ok_or_else(|| {
        let ids = known::all().iter().map(|attack| &*attack.id);
        let near = nearest(id, ids).map(|near| format!(": did you mean `{near}`?"));
        let near = near.unwrap_or_default();
        let text = format!("there is no attack `{id}`{near}; see `toolgate attacks list`");
        Failure::new(Exit::Usage, text)
    })
}

fn run(args: &RunAttackArgs, as_json: bool) -> Result<ExitCode, Failure> {
    let Some(id) = &args.id else { return run_all(as_json) };
    let attack = find(id)?;
    if attack.play.is_none() {
        let text = format!(
            "attack `{id}` cannot be played: it is not made with calls; `toolgate attacks show \
             {id}` has the policy to try"
        );
        return Err(Failure::new(Exit::Usage, text));
    }
    let played = play(attack).map_err(|why| failed(attack, &why))?;
    let told = if as_json { json::versioned(&to_json(&played)) + "\n" } else { story(&played) };
    output::print(&told)?;
    Ok(if played.is_stopped() { Exit::Ok } else { Exit::Unexpected }.into())
}

/// So many at once: each is three small processes that mostly wait for one another.
const AT_ONCE: usize = 4;

fn run_all(as_json: bool) -> Result<ExitCode, Failure> {
    let all: Vec<_> = known::all().iter().filter(|attack| attack.play.is_some()).collect();
    let mut played = Vec::with_capacity(all.len());
    for some in all.chunks(AT_ONCE) {
        for (attack, one) in some.iter().zip(play_some(some)) {
            let one = one.map_err(|why| failed(attack, &why))?;
            if !as_json {
                output::print(&line(&one))?;
            }
            played.push(one);
        }
    }
    let stopped = played.iter().filter(|one| one.is_stopped()).count();
    if as_json {
        let attacks = json::array(played.iter().map(to_json));
        let object = json::Object::new()
            .plain("version", 1)
            .plain("stopped", stopped)
            .raw("attacks", attacks);
        output::print(&(object.finish() + "\n"))?;
    } else {
        let count = played.len();
        output::print(&format!(
            "\n{stopped} of {count} attacks did harm without their policy, and were stopped with \
             it.\n"
        ))?;
    }
    Ok(if stopped == played.len() { Exit::Ok } else { Exit::Unexpected }.into())
}

/// Side by side; in the order given.
fn play_some(attacks: &[&'static Attack]) -> Vec<Result<Played, String>> {
    thread::scope(|scope| {
        let plays: Vec<_> = attacks.iter().map(|attack| scope.spawn(|| play(attack))).collect();
        let broken = |_| Err("the play broke off".to_owned());
        plays.into_iter().map(|play| play.join().unwrap_or_else(broken)).collect()
    })
}

fn failed(attack: &Attack, why: &str) -> Failure {
    Failure::new(Exit::Unexpected, format!("attack `{}`: {why}", attack.id))
}

fn target(args: &TargetArgs) -> Result<(), Failure> {
    serve(find(&args.id)?, io::stdin().lock(), io::stdout().lock(), &args.ledger)
        .map_err(|e| Failure::new(Exit::Unexpected, format!("the vulnerable server stopped: {e}")))
}
