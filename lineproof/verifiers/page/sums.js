// From facts to sums under a method: which state counts as which class of time (ISO 22400-2, and three
// other methods), and what adds up beside. NaN: the line has no such signal.

const STOPS = ["idle", "starved", "blocked", "stopped", "fault", "off"];
const PLANNED = ["planned", "maintenance"];
// The first rule that fits decides: [class, plans, states, modes, reasons, order]; null: any.
const CALENDAR_RULES = [["not_planned", ["not_planned"]], ["planned_down", ["planned_down"]], ["unknown", null, ["unknown"]]];
const MAINTENANCE_RULES = [["maintenance", null, ["maintenance"]], ["maintenance", null, null, ["maintenance"]]];
const SETUP_RULES = [["setup", null, ["setup"]], ["setup", null, STOPS, null, ["setup"]]];
const LAST_RULES = [["down", null, null, null, null, false], ["delay"]];
const ISO_RULES = [...CALENDAR_RULES, ...MAINTENANCE_RULES, ["maintenance", null, STOPS, null, ["maintenance"]], ...SETUP_RULES, ["production", null, ["producing"]], ...LAST_RULES];
const METHODS = {
  iso22400: ISO_RULES,
  "semi-e10": ISO_RULES,
  "oee-com": [...CALENDAR_RULES, ["planned_down", null, [...STOPS, "maintenance"], null, PLANNED], ["planned_down", null, ["maintenance"], null, null, false],
    ["planned_down", null, null, ["maintenance"], null, false], ...MAINTENANCE_RULES, ...SETUP_RULES, ["production", null, ["producing"]],
    ["planned_down", null, null, null, null, false], ["delay"]],
  "planned-changeover-excluded": [...CALENDAR_RULES, ["planned_down", null, ["maintenance", "setup"]], ["planned_down", null, null, ["maintenance"]],
    ["planned_down", null, STOPS, null, [...PLANNED, "setup"]], ["production", null, ["producing"]], ...LAST_RULES],
};
const REASON_KINDS = ["unplanned", "breakdown", "planned", "setup", "maintenance"];
const MODES = ["unknown", "produce", "maintenance", "manual"];
const BUSY = ["production", "setup", "delay"];
const OUTSIDE = ["planned_down", "not_planned"];

const classCache = new Map();
/** The class of time of each machine state, in the order of STATES. */
const classesOf = (...question) => classChoices(...question).map(([shown]) => shown);
/** The same, each with all classes that it may be: several where nobody knows the order, or the reason ("lost"). */
function classChoices(method, plan, mode, order, reason) {
  const key = [method, plan, mode, order, reason].join("|");
  if (!classCache.has(key)) classCache.set(key, findClasses(METHODS[method], plan, mode, order, reason));
  return classCache.get(key);
}
function findClasses(rules, plan, mode, order, given) {
  const orders = order === "unknown" ? [true, false] : [order !== "none"], reasons = given === "lost" ? [null, ...REASON_KINDS] : [given];
  const ofState = (state, reason, hasOrder) => rules.find(([, plans, states, modes, kinds, needs]) =>
    (!plans || plans.includes(plan)) && (!states || states.includes(state)) && (!modes || modes.includes(mode))
    && (!kinds || kinds.includes(reason)) && (needs === undefined || needs === null || needs === hasOrder))[0];
  return STATES.map((state) => {
    const mayBe = [...new Set(reasons.flatMap((reason) => orders.map((hasOrder) => ofState(state, reason, hasOrder))))];
    const outside = mayBe.filter((it) => OUTSIDE.includes(it)).length; // where they decide whether it is planned, nobody knows
    return [outside > 0 && outside < mayBe.length ? "unknown" : mayBe[0], mayBe];
  });
}
const isProduction = (method, plan, mode, order, reason) => classesOf(method, plan, mode, order, reason)[1] === "production";
const isProductionInAnyMode = (method) => MODES.every((mode) => ["active", "none", "unknown"].every((order) => isProduction(method, "busy", mode, order, null)));
const orderIs = (order) => (order === "" ? "none" : order === "\ufffd" ? "unknown" : order === null ? null : "active");

const some = (value) => (Number.isNaN(value) ? 0 : value);
const larger = (one, other) => (Number.isNaN(one) ? other : Number.isNaN(other) ? one : Math.max(one, other));
const smaller = (one, other) => (Number.isNaN(one) ? other : Number.isNaN(other) ? one : Math.min(one, other));
const over = (top, bottom) => (bottom === 0 ? NaN : top / bottom);
const toMillionth = (value) => Math.round(value * 1e6) / 1e6;

// What is measured against the plan: of what was made in no production time there is none.
const AGAINST_PLAN = new Set(["total_count_unknown", "good_count_unknown", "ideal_s", "good_ideal_s", "implausible_ideal_s", "ideal_unknown_s",
  "total_count_unjudged", "good_count_unjudged", "unsure_plan_s", "ideal_less_s", "ideal_more_s", "good_ideal_less_s", "good_ideal_more_s"]);
const AT_START = new Set(["unsure_start_s", "unsure_start_count", "rework_unsure_start_count", "energy_unsure_start_kwh"]);
const AT_END = new Set(["unsure_end_s", "unsure_end_count", "rework_unsure_end_count", "energy_unsure_end_kwh"]);
const quantitiesOf = (names) => names.filter((name) => !TEXTS.has(name) && !TIMES.has(name) && !WHOLE.has(name));
// A quantity is measured also where its counter is there and was not heard.
function unheardOf(name) {
  if (/^reject_count/.test(name)) return "reject_unheard_s";
  if (/^rework_count/.test(name)) return "rework_unheard_s";
  if (name === "energy_kwh") return "energy_unheard_s";
  if (["good_count", "good_count_unknown", "good_ideal_s", "good_count_missed"].includes(name)) return "good_unheard_s";
  const ofTotal = ["total_count", "total_count_unknown", "ideal_s", "ideal_unknown_s", "total_count_implausible", "implausible_ideal_s", "possible_count", "total_count_missed"];
  return ofTotal.includes(name) ? "total_unheard_s" : null;
}
/** The facts without the quantities that not every line measures: the lines together have none. */
function summable(facts) {
  const replaced = {};
  for (const name of quantitiesOf(facts.names)) {
    const measured = new Set(), values = facts.columns[name], unheard = facts.columns[unheardOf(name)];
    for (let row = 0; row < facts.height; row++)
      if (!Number.isNaN(values[row]) || (unheard && !Number.isNaN(unheard[row]))) measured.add(facts.columns.line[row]);
    if (facts.lines.some((line) => !measured.has(line))) replaced[name] = new Array(facts.height).fill(NaN);
  }
  return facts.with(replaced);
}
/** How fast the line was in a row, 1 as planned; NaN where it says too little. */
function paceOf(c, row) {
  const heard = c.producing_us[row] / 1e6 - (some(c.total_unheard_s[row]) + some(c.total_quiet_s[row]));
  return heard >= 300 ? c.ideal_s[row] / heard : NaN;
}
/** The planned run times per item in a row: by good items, by all, by those that fit into hidden time. */
function cycleTimesOf(c, row) {
  const unknown = c.plan[row] === "busy" ? c.unknown_us[row] / 1e6 : 0;
  const hidden = larger(c.total_unheard_s[row], c.good_unheard_s[row]) + some(larger(c.total_quiet_s[row], c.good_quiet_s[row])) + unknown;
  const pairs = [[c.good_ideal_s[row], c.good_count[row]], [c.ideal_s[row] + c.ideal_unknown_s[row], c.total_count[row]], [hidden, c.possible_count[row]]];
  return pairs.map(([seconds, items]) => (items > 0 ? seconds / items : NaN));
}

/** One row of sums of the facts' rows. */
function sumsOf(facts, rows, method) {
  const c = facts.columns, names = quantitiesOf(facts.names), { isFirst, isLast } = facts.bordersOf(rows);
  const us = {}, sums = { cycle_time_s: NaN, longest_cycle_time_s: NaN, pace: NaN, stops: 0, failures: 0, has_orders: false };
  for (const name of [...names, "energy_matched_kwh", "total_count_matched", "good_count_matched"]) sums[name] = NaN;
  for (const name of ["total_count_outside_plan", "good_count_outside_plan", "total_unheard_in_plan_s", "good_unheard_in_plan_s", "total_quiet_in_plan_s", "mode_unsure_s", "mode_unsure_good_count", "production_unheard_s"]) sums[name] = 0;
  const add = (name, value) => { if (!Number.isNaN(value)) sums[name] = some(sums[name]) + value; };
  const modeDecides = !isProductionInAnyMode(method);
  for (const row of rows) {
    const plan = c.plan[row], mode = c.mode[row], order = orderIs(c.order[row]), reason = c.reason_kind[row];
    addTimes(us, c, row, method, [plan, mode, order, reason]);
    const counts = isProduction(method, plan, mode, order, reason);
    for (const name of names) {
      let value = c[name][row];
      if ((AT_START.has(name) && !isFirst(row)) || (AT_END.has(name) && !isLast(row))) value *= 0;
      if (!counts && AGAINST_PLAN.has(name)) value *= 0;
      add(name, value);
    }
    if (some(c.energy_unheard_s[row]) + some(c.total_unheard_s[row]) + some(c.good_unheard_s[row]) === 0) {
      add("energy_matched_kwh", c.energy_kwh[row]);
      add("total_count_matched", c.total_count[row]);
      add("good_count_matched", c.good_count[row]);
    }
    if (!counts) {
      add("total_count_outside_plan", c.total_count[row]);
      add("good_count_outside_plan", c.good_count[row]);
    } else {
      if (modeDecides && mode !== null) {
        add("mode_unsure_s", c.ideal_unknown_s[row]);
        add("mode_unsure_good_count", c.good_count_unknown[row]);
      }
      add("total_unheard_in_plan_s", c.total_unheard_s[row]);
      add("good_unheard_in_plan_s", c.good_unheard_s[row]);
      add("total_quiet_in_plan_s", c.total_quiet_s[row]);
      add("production_unheard_s", c.total_missing_s[row]);
    }
    if (plan === "busy") { sums.stops += c.stops[row]; sums.failures += c.failures[row]; }
    for (const cycle of cycleTimesOf(c, row)) {
      sums.cycle_time_s = smaller(sums.cycle_time_s, cycle);
      sums.longest_cycle_time_s = larger(sums.longest_cycle_time_s, cycle);
    }
    sums.pace = larger(sums.pace, paceOf(c, row));
    sums.has_orders ||= order === "active" || order === "none";
  }
  for (const [name, value] of Object.entries(sums))
    if (typeof value === "number" && !["cycle_time_s", "longest_cycle_time_s", "pace"].includes(name)) sums[name] = toMillionth(value);
  for (const name of ["total_count", "good_count"]) if (Number.isNaN(sums[name])) sums[`${name}_outside_plan`] = NaN;
  return withTimes(sums, us, method);
}
/** Adds a row's microseconds: by class, and what orders, failures and maintenance take of them. */
function addTimes(us, c, row, method, [plan, mode, order, reason]) {
  const choices = classChoices(method, plan, mode, order, reason);
  const add = (name, value) => { us[name] = (us[name] ?? 0) + value; };
  STATES.forEach((state, n) => {
    const time = c[`${state}_us`][row], [kind, mayBe] = choices[n], isUnknown = state === "unknown", busy = plan === "busy", planned = plan !== "not_planned";
    if (!time) return;
    add(kind, time);
    if (order === "active") {
      add("order", time);
      if (kind === "unknown" && busy) add("order_unknown", time);
      if (BUSY.includes(kind)) add("order_busy", time);
      if (BUSY.includes(kind) && mayBe.some((it) => !BUSY.includes(it))) add("order_busy_lost", time);
      if (kind === "production") add("order_production", time);
    }
    if (order === "unknown") add("order_lost", time);
    if (kind === "delay" && mayBe.length > 1) add("delay_lost", time);
    if (!["setup", "unknown"].includes(kind) && mayBe.includes("setup")) add("setup_lost", time);
    if (![...BUSY, "unknown"].includes(kind) && mayBe.some((it) => BUSY.includes(it))) add("busy_lost", time);
    const fails = busy && (reason === "breakdown" ? STOPS.includes(state) : state === "fault");
    if (fails) {
      add("repair", time);
      if ([...OUTSIDE, "unknown"].includes(kind)) add("repair_elsewhere", time);
    }
    if (reason === "lost" && busy && !fails && STOPS.includes(state)) add("repair_lost", time);
    if (isUnknown && planned && !busy) add("unknown_planned_down", time);
    if (kind === "unknown" && !isUnknown) add("plan_lost", time);
  });
}
function withTimes(sums, us, method) {
  const s = (name) => (us[name] ?? 0) / 1e6, ofOrder = (name) => (sums.has_orders ? s(name) : NaN);
  const t = { production: s("production"), setup: s("setup"), delay: s("delay"), down: s("down"), maintenance: s("maintenance"), unknown: s("unknown") };
  const busy = t.production + t.setup + t.delay + t.down + t.maintenance + t.unknown;
  return Object.assign(sums, {
    production_time_s: t.production, setup_time_s: t.setup, delay_time_s: t.delay, unknown_time_s: t.unknown,
    planned_busy_time_s: busy, known_busy_time_s: busy - t.unknown, planned_operation_time_s: busy + s("planned_down"),
    calendar_time_s: busy + s("planned_down") + s("not_planned"), processing_time_s: t.production + t.setup, busy_time_s: t.production + t.setup + t.delay,
    state_unknown_time_s: t.unknown - s("plan_lost"), order_time_s: ofOrder("order"), order_busy_time_s: ofOrder("order_busy"),
    order_production_time_s: ofOrder("order_production"), order_lost_time_s: s("order_lost"), delay_lost_time_s: s("delay_lost"),
    order_busy_lost_time_s: s("order_busy_lost"), setup_lost_time_s: s("setup_lost"), busy_lost_time_s: s("busy_lost"), repair_lost_time_s: s("repair_lost"),
    order_unknown_time_s: s("order_unknown"), repair_time_s: s("repair"), failure_free_time_s: busy - t.unknown - (s("repair") - s("repair_elsewhere")),
    plan_fixed: method === "iso22400" || method === "semi-e10",
  });
}
