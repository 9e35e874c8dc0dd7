// KPIs of a row of sums (docs/kpi), with bounds: what they would be with all unknown time at its worst and
// at its best (docs/decisions/0009-bounds-enclose.md). NaN: there is none.

const paceAtLeastOne = (s) => larger(1, s.pace);
const fitting = (s, seconds) => (seconds === 0 ? 0 : over(seconds * paceAtLeastOne(s), s.cycle_time_s));
const highest = (...values) => Math.max(...values); // NaN where any is
const missedItems = (s) => highest(some(s.total_count_missed), some(s.total_count_implausible)) + fitting(s, some(s.total_quiet_s));
const missedIdeal = (s) => some(s.implausible_ideal_s) + s.total_quiet_in_plan_s * paceAtLeastOne(s);
const unsureTime = (s) => (some(s.unsure_start_s) + some(s.unsure_end_s)) * paceAtLeastOne(s);
const unsurePlan = (s) => some(s.unsure_plan_s) * paceAtLeastOne(s) + some(s.unsure_reset_s);
const unsureItems = (s) => (some(s.unsure_start_count) + some(s.unsure_end_count)) * paceAtLeastOne(s) + some(s.unsure_reset_count);
const modeUnsure = (s) => highest(s.mode_unsure_s, s.mode_unsure_good_count === 0 ? 0 : s.mode_unsure_good_count * some(s.longest_cycle_time_s));
const hiddenIdeal = (s, unknown) => highest((unknown + s.total_unheard_in_plan_s) * paceAtLeastOne(s) - some(s.ideal_unknown_s), 0);
function hiddenGoodIdeal(s) {
  const vouched = some(s.good_count_unknown);
  return highest((s.unknown_time_s + s.good_unheard_in_plan_s) * paceAtLeastOne(s) - (vouched === 0 ? 0 : vouched * s.cycle_time_s), 0);
}
function hiddenItems(s) {
  const unheard = highest(s.total_unheard_in_plan_s, s.good_unheard_in_plan_s);
  return highest(fitting(s, s.unknown_time_s + unheard) - some(s.total_count_unknown), 0) + missedItems(s);
}
const UNHEARD = { total_count: "total_unheard_s", good_count: "good_unheard_s", reject_count: "reject_unheard_s", rework_count: "rework_unheard_s", energy_kwh: "energy_unheard_s" };
const OVERSTATED_BY = { good_count: "reject_count", reject_count: "good_count" };
const isNone = Number.isNaN;
function missedOf(s, name) {
  return OVERSTATED_BY[name] || name === "rework_count" ? some(s[`${name}_missed`]) + fitting(s, some(s[`${name.replace("_count", "")}_quiet_s`])) : 0;
}
const overstated = (s, name) => (OVERSTATED_BY[name] ? some(s.unsure_judged_count) + some(s[`${OVERSTATED_BY[name]}_missed`]) : 0);
/** How many of these may be in the other number, which follows from them, because nobody judged them. */
function misjudged(s, name) {
  const other = OVERSTATED_BY[name];
  return !other || (!isNone(s[`${other}_missed`]) && isNone(s[`${name}_missed`])) ? 0 : some(s.unsure_judged_count);
}
function vouchedItems(s, name) {
  if (name === "rework_count") return 0;
  if (name === "total_count") return some(s.total_count_unknown);
  if (name === "good_count") return some(s.good_count_unknown);
  if (name === "rework_count") return 0; // what was made says nothing of it
  return some(s[UNHEARD[name]]) + some(s.total_count_unjudged) === 0 ? some(s.total_count_unknown) : 0;
}
/** How many of these items may be in the other number, which follows from them. */
function misjudged(s, name) {
  const other = OVERSTATED_BY[name];
  if (!other) return 0;
  return !isNone(s[`${other}_missed`]) && isNone(s[`${name}_missed`]) ? 0 : some(s.unsure_judged_count);
}
/** Bounds of a count or of the energy, whenever it was made. */
function countBounds(s, name) {
  const unheard = s[UNHEARD[name]], known = some(s[name]);
  let unsure, more;
  if (name === "energy_kwh") {
    unsure = some(s.energy_unsure_start_kwh) + some(s.energy_unsure_end_kwh) + some(s.energy_unsure_reset_kwh);
    more = some(unheard) > 0 ? NaN : unsure + some(s.energy_implausible_kwh);
  } else {
    unsure = unsureItems(s);
    if (name === "rework_count") unsure += some(s.rework_unsure_start_count) + some(s.rework_unsure_end_count);
    const vouched = highest(vouchedItems(s, name) - fitting(s, some(s.unsure_plan_s)), 0);
    const room = fitting(s, s.state_unknown_time_s + some(unheard)) - vouched;
    more = highest(room, 0) + highest(missedItems(s), missedOf(s, name)) + unsure + misjudged(s, name);
  }
  const less = unsure + overstated(s, name);
  if (isNone(unheard) && isNone(s[name])) return [NaN, NaN];
  return [less === 0 ? known : isNone(less) ? 0 : highest(known - less, 0), known + more];
}

const availability = (s) => over(s.production_time_s, s.known_busy_time_s);
const effectiveness = (s) => over(s.ideal_s, s.production_time_s - s.production_unheard_s);
const judged = (s) => [s.good_count - s.good_count_outside_plan - some(s.good_count_unjudged), s.total_count - s.total_count_outside_plan - some(s.total_count_unjudged)];
const quality = (s) => over(...judged(s));
const oee = (s) => availability(s) * effectiveness(s) * quality(s);
/** Bounds of part ÷ whole where so much more may belong to the whole, and any share of it to the part. */
function shareBounds(part, whole, unknown) {
  const most = whole + unknown, plain = isNone(most) ? NaN : over(part, whole);
  return [smaller(plain, over(part, most)), larger(plain, over(part + unknown, most))];
}
/** The same where it may belong to the top alone. */
const perBounds = (top, bottom, unknown) => [over(isNone(unknown) ? NaN : top, bottom), over(top + unknown, bottom)];
function madeBounds(s) {
  const told = some(s.ideal_s) + some(s.ideal_unknown_s), unsure = unsureTime(s) + unsurePlan(s);
  return [highest(told - unsure - modeUnsure(s) - some(s.ideal_less_s), 0), told + unsure + missedIdeal(s) + some(s.ideal_more_s)];
}
function effectivenessBounds(s) {
  const [least, most] = madeBounds(s), run = s.production_time_s, unknown = s.unknown_time_s;
  const high = larger(over(most + hiddenIdeal(s, 0), run), over(most + hiddenIdeal(s, unknown), run + unknown));
  return [over(least, run + unknown), most !== 0 && run === 0 ? NaN : high];
}
function qualityBounds(s) {
  const [good, all] = judged(s).map(some), outside = unsurePlan(s) + modeUnsure(s);
  const doubtful = unsureItems(s) + (outside === 0 ? 0 : over(outside, s.cycle_time_s));
  const hidden = some(s.total_count_unjudged) + some(s.good_count_unjudged) + hiddenItems(s), plain = shareBounds(good, all, hidden);
  const wrong = overstated(s, "good_count"), missed = missedOf(s, "good_count"), rejected = misjudged(s, "good_count");
  const less = highest(good - doubtful - wrong, 0), fewer = highest(all - doubtful, 0), others = fewer + hidden - missed;
  const high = others > 0 ? Math.min(over(good + hidden + doubtful + rejected, others), 1) : 1;
  if (!(doubtful + wrong + missed + rejected > 0)) return plain;
  return [Math.min(plain[0], over(less, fewer + hidden + doubtful)), Math.max(plain[1], high)];
}
function oeeBounds(s, whole) {
  const good = some(s.good_ideal_s), unsure = unsureTime(s) + unsurePlan(s), wrong = overstated(s, "good_count");
  const wrongTime = wrong === 0 ? 0 : wrong * some(s.longest_cycle_time_s);
  let least = highest(good - unsure - modeUnsure(s) - wrongTime - some(s.good_ideal_less_s), 0);
  let most = good + unsure + missedIdeal(s) + hiddenGoodIdeal(s) + some(s.good_ideal_more_s);
  const isMixed = s.longest_cycle_time_s > s.cycle_time_s * (1 + 1e-9) || some(s.ideal_less_s) + some(s.ideal_more_s) > 0;
  if (isMixed) {
    const [worst, best] = qualityBounds(s), made = madeBounds(s);
    least = Math.min(least, made[0] * worst);
    most = Math.max(most, (made[1] + hiddenIdeal(s, s.unknown_time_s)) * best);
  }
  return [over(least, whole), over(most, whole)];
}
/** None where it is more than all: then it holds items of hours in which nobody heard how many there were. */
function partOfItems(part, s) {
  const found = over(part, s.total_count);
  return found > 1 && some(s.total_unheard_s) > 0 ? NaN : found;
}
function energyPer(s, items, matched) {
  const silent = some(s.energy_unheard_s) + some(s.total_unheard_s) + some(s.good_unheard_s);
  return items > 0 ? (silent > 0 ? over(s.energy_matched_kwh, matched) : over(s.energy_kwh, items)) : NaN;
}
function energyBounds(s, name) {
  const [least, most] = countBounds(s, name), [low, high] = countBounds(s, "energy_kwh");
  return [over(low, most), least > 0 ? over(high, least) : NaN];
}
function shareOfTotal(s, name) {
  const [low, high] = countBounds(s, name), [least, most] = countBounds(s, "total_count");
  const hidden = highest(most - some(s.total_count) - unsureItems(s), 0);
  const unjudged = Math.min(some(s.total_count), fitting(s, some(s[UNHEARD[name]])));
  const more = highest(high - some(s[name]), hidden + unjudged), others = highest(hidden - missedOf(s, name), 0);
  return [over(low, most), Math.min(over(some(s[name]) + more, least + others), 1)];
}
function throughputBounds(s) {
  const [low, high] = countBounds(s, "total_count");
  return [over(low, s.order_time_s + s.order_lost_time_s), over(high, s.order_time_s)];
}
const knownOnly = (value) => (s) => (s.unknown_time_s + s.repair_lost_time_s + s.setup_lost_time_s === 0 ? [value(s), value(s)] : [NaN, NaN]);
const orderShare = (part, s) => perBounds(part, s.order_time_s + s.order_lost_time_s, s.order_unknown_time_s + s.order_lost_time_s);
const productionShare = (whole, s) => [shareBounds(s.production_time_s, whole + s.busy_lost_time_s, s.unknown_time_s)[0], shareBounds(s.production_time_s, whole - s.delay_lost_time_s, s.unknown_time_s)[1]];
const netValue = (s) => over(s.processing_time_s, s.known_busy_time_s) * effectiveness(s) * quality(s);
function netBounds(s) {
  const [worst, best] = qualityBounds(s), run = s.production_time_s, unknown = s.unknown_time_s, whole = s.planned_busy_time_s, work = s.processing_time_s + unknown;
  return [over(work, run + unknown) * over(madeBounds(s)[0], whole) * worst, over(work + s.setup_lost_time_s, whole) * effectivenessBounds(s)[1] * best];
}
const MADE = ["ideal_s", "good_count", "total_count"], between = (top) => (s) => over(s[top], s.failures);
// Name: [inputs that a line may lack, value, bounds].
const KPIS = {
  availability: [[], availability, (s) => perBounds(s.production_time_s, s.planned_busy_time_s, s.unknown_time_s)],
  effectiveness: [["ideal_s"], effectiveness, effectivenessBounds],
  quality_ratio: [["good_count", "total_count"], quality, qualityBounds],
  oee: [MADE, oee, (s) => oeeBounds(s, s.planned_busy_time_s)],
  ooe: [MADE, (s) => oee(s) * over(s.planned_busy_time_s, s.planned_operation_time_s), (s) => oeeBounds(s, s.planned_operation_time_s)],
  teep: [MADE, (s) => oee(s) * over(s.planned_busy_time_s, s.calendar_time_s), (s) => oeeBounds(s, s.calendar_time_s)],
  net_equipment_effectiveness: [MADE, netValue, netBounds],
  energy_per_good_unit: [["energy_kwh", "good_count"], (s) => energyPer(s, s.good_count, s.good_count_matched), (s) => energyBounds(s, "good_count")],
  comprehensive_energy_consumption: [["energy_kwh", "total_count"], (s) => energyPer(s, s.total_count, s.total_count_matched), (s) => energyBounds(s, "total_count")],
  scrap_ratio: [["reject_count", "total_count"], (s) => partOfItems(s.reject_count, s), (s) => shareOfTotal(s, "reject_count")],
  rework_ratio: [["rework_count", "total_count"], (s) => partOfItems(s.rework_count, s), (s) => shareOfTotal(s, "rework_count")],
  throughput_rate: [["total_count", "order_time_s"], (s) => over(s.total_count, s.order_time_s), throughputBounds],
  allocation_ratio: [["order_busy_time_s", "order_time_s"], (s) => over(s.order_busy_time_s, s.order_time_s - s.order_unknown_time_s), (s) => [orderShare(s.order_busy_time_s - s.order_busy_lost_time_s, s)[0], orderShare(s.order_busy_time_s, s)[1]]],
  production_process_ratio: [["order_production_time_s", "order_time_s"], (s) => over(s.order_production_time_s, s.order_time_s - s.order_unknown_time_s), (s) => orderShare(s.order_production_time_s, s)],
  allocation_efficiency: [[], (s) => over(s.busy_time_s, s.known_busy_time_s), (s) => [over(s.busy_time_s - s.delay_lost_time_s, s.planned_busy_time_s), over(s.busy_time_s + s.busy_lost_time_s + s.unknown_time_s, s.planned_busy_time_s)]],
  utilization_efficiency: [[], (s) => over(s.production_time_s, s.busy_time_s), (s) => productionShare(s.busy_time_s, s)],
  setup_ratio: [[], (s) => over(s.setup_time_s, s.processing_time_s), (s) => shareBounds(s.setup_time_s, s.processing_time_s, s.unknown_time_s + s.setup_lost_time_s)],
  technical_efficiency: [[], (s) => over(s.production_time_s, s.production_time_s + s.delay_time_s), (s) => productionShare(s.production_time_s + s.delay_time_s, s)],
  utilisation: [[], (s) => over(s.planned_busy_time_s, s.calendar_time_s), (s) => [over(s.plan_fixed ? s.planned_busy_time_s : s.known_busy_time_s, s.calendar_time_s), over(s.planned_busy_time_s, s.calendar_time_s)]],
  mean_time_between_failures_s: [[], between("processing_time_s"), knownOnly(between("processing_time_s"))],
  mean_time_to_failure_s: [[], between("failure_free_time_s"), knownOnly(between("failure_free_time_s"))],
  mean_time_to_repair_s: [[], between("repair_time_s"), knownOnly(between("repair_time_s"))],
};
const coverageOf = (s) => 1 - over(s.unknown_time_s, s.planned_busy_time_s);
/** Whether the line has what counts this, heard or not. */
const isExpected = (s, name) => (name === "ideal_s" ? !isNone(s.total_unheard_s) && !isNone(s.cycle_time_s) : UNHEARD[name] !== undefined && !isNone(s[UNHEARD[name]]));
/** Value, bounds and coverage of a KPI; null where there is none. */
function evaluate(metric, s) {
  const [inputs, valueOf, boundsOf] = KPIS[metric], without = inputs.filter((name) => isNone(s[name]));
  const plain = (value) => (isNone(value) ? null : value), coverage = plain(coverageOf(s));
  if (without.some((name) => !isExpected(s, name))) return { value: null, low: null, high: null, coverage };
  const value = without.length ? NaN : valueOf(s);
  let [low, high] = boundsOf(s);
  if (!isNone(value)) [low, high] = [Math.min(low, value), Math.max(high, value)];
  return { value: plain(value), low: plain(low), high: plain(high), coverage };
}
