//! What push services do to the relay: they are slow, busy, broken, or talk nonsense.

use std::collections::BTreeMap;

use push_simulator::{Effect, FcmFailure, Rule, RuleTarget, Simulator};

use super::dice::Dice;

/// Draws the next fault, for one phone of these tokens, or a whole push service, and scripts it. `outages`: also those
/// after which a delivery may wait for minutes.
pub(super) fn strike(simulator: &Simulator, dice: &mut Dice, tokens: &[String], outages: bool) {
    let host = dice.pick(&[RuleTarget::Apns, RuleTarget::Fcm]).clone();
    let is_apns = host == RuleTarget::Apns;
    let target = if dice.chance(30) { RuleTarget::Device(dice.pick(tokens).clone()) } else { host.clone() };
    let times = u32::try_from(dice.between(1..=4)).unwrap();
    let kinds: u64 = if outages { 17 } else { 11 };
    let effect = match dice.between(0..=kinds - 1) {
        0 | 1 => Effect::Delay { millis: dice.between(50..=1_500) },
        2 => Effect::BreakBefore,
        3 => Effect::BreakAfter,
        4 => Effect::RefuseStream,
        5 => {
            let reason = dice.chance(50).then(|| "Shutdown".to_owned());
            Effect::GoAway { reason, answered: dice.chance(50) }
        }
        6 => {
            // Open connections end, so that new ones have to be made.
            simulator.script(Rule::new(host, Effect::BreakHandshake).times(times));
            return simulator.goaway_all();
        }
        7 => busy(429, "{}"),
        8 => busy(503, "<html>not now</html>"),
        9 => Effect::answer(200, "\u{0}garbage{"),
        10 => Effect::answer(400, "<html>what?</html>"),
        11 | 12 => Effect::Silence,
        13 if is_apns => Effect::apns(500, "InternalServerError"),
        13 => Effect::fcm(FcmFailure::Unavailable),
        14 => {
            simulator.revoke_access_tokens();
            return simulator.goaway_all();
        }
        15 => Effect::answer(502, "<html>Bad gateway</html>"),
        // Until the script is cleared.
        _ => return simulator.script(Rule::new(host, Effect::answer(503, ""))),
    };
    simulator.script(Rule::new(target, effect).times(times));
}

/// An answer that asks for a second of patience.
fn busy(status: u16, body: &str) -> Effect {
    let headers = BTreeMap::from([("retry-after".to_owned(), "1".to_owned())]);
    Effect::Answer { status, headers, body: body.to_owned() }
}
