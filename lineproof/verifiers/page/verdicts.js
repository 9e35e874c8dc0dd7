// Verdicts drawn anew from facts, terms, documents and attested figures. Whether what is under way is on
// track or at risk takes the calendar and a forecast, which are not made here: it is "open".

const ROUNDING = 1e-9;
const isOpen = (status) => status === "on_track" || status === "at_risk";

class Goal {
  constructor(target, op) { Object.assign(this, { target, op }); }
  reachedBy(value) {
    if (value === null || this.target === null) return false;
    const margin = Math.abs(this.target) * ROUNDING;
    return this.op === ">=" ? value >= this.target - margin : value <= this.target + margin;
  }
  provedBy(kpi) { return this.reachedBy(this.op === ">=" ? kpi.low : kpi.high); }
  refutedBy(kpi) {
    const best = this.op === ">=" ? kpi.high : kpi.low;
    return best !== null && !this.reachedBy(best);
  }
}

class Judge {
  constructor(evidence, facts, whole = facts) {
    const { about, project } = evidence;
    Object.assign(this, { evidence, facts, whole, project, ofShifts: new Map(), zone: about.zone, asOf: microsOf(about.as_of), today: localDay(microsOf(about.as_of), about.zone) });
    this.yesterday = nextDay(this.today, -1);
    this.summable = facts.names.length ? summable(facts) : null;
    this.capped = facts.names.length ? this.summable.with(withinIdealSpeed(this.summable)) : null;
    const isSame = (name) => this.capped.columns[name] === this.summable.columns[name];
    this.isWithinIdealSpeed = !facts.names.length || (isSame("ideal_s") && isSame("good_ideal_s"));
  }
  /** The days that had ended; null: none. Where a line has no facts of one of them, nothing can be said. */
  endedDays(range) {
    const days = { start: range.start, end: range.end < this.yesterday ? range.end : this.yesterday };
    if (days.end < days.start) return null;
    if (!this.whole.hasAll(days)) throw new Broken(`facts/${folderName(this.project.lines[0])}.csv`, "days_missing", { start: days.start, end: days.end });
    return days;
  }
  sums(days, method = "iso22400", facts = this.summable) { return sumsOf(facts, facts.rowsOf(days), method); }
  coverage(days) { return evaluate("availability", this.sums(days)).coverage; }
  productionDays(days) {
    const { columns: c } = this.facts, isBusy = (row) => c.plan[row] === "busy" && STATES.some((state) => c[`${state}_us`][row] > 0);
    return this.facts.dayNames.filter((day) => day >= days.start && day <= days.end && this.facts.days.get(day).some(isBusy));
  }
  kpi(metric, days, method) {
    const found = evaluate(metric, this.sums(days, method));
    if (this.isWithinIdealSpeed) return found;
    const counting = evaluate(metric, this.sums(days, method, this.capped));
    return found.low === null || counting.low === null ? found : { ...found, low: Math.min(found.low, counting.low) };
  }
  made(status, { kpi = {}, goal = new Goal(null, null), window = null, examined = null, metOn = null, baseline = null, mix = null } = {}) {
    const { value = null, low = null, high = null, coverage = null } = kpi;
    return { status, value, low, high, coverage, target: goal.target, baseline_value: baseline, window, met_on: metOn, facts_digest: examined && this.facts.digest(examined), product_mix: mix };
  }
  /** Who judges by the facts of these shifts alone. */
  judgeOf(shifts) {
    if (!shifts) return this;
    const key = JSON.stringify(shifts);
    if (!this.ofShifts.has(key)) this.ofShifts.set(key, new Judge(this.evidence, this.whole.ofShifts(shifts), this.whole));
    return this.ofShifts.get(key);
  }
  judge(milestone, terms) {
    const due = this.project.due.get(milestone), past = this.today > due;
    const kinds = { document: "document", training: "attested", headcount: "attested", output: "output", commissioned: "commissioned", operating: "operating", kpi: "ofKpi" };
    const isAny = terms.kind === "kpi" && (!KPIS[terms.metric] || !METHODS[terms.method ?? "iso22400"]);
    if (!Object.hasOwn(kinds, terms.kind) || isAny) return null;
    return this.judgeOf(terms.window?.shifts ?? terms.shifts)[kinds[terms.kind]](milestone, terms, due, past);
  }
  unlessMet(past) { return past ? "not_met" : this.today >= this.project.start ? "on_track" : "pending"; }
  document(milestone, terms, due, past) {
    const rows = this.evidence.rows.filter(({ of, says }) => of === "documents" && says.milestone === milestone && says.kind === terms.document);
    const days = rows.map(({ says }) => localDay(microsOf(says.attached_at), this.zone)).filter((day) => day <= this.today).sort();
    return days.length ? this.made("met", { metOn: days[0] }) : this.made(this.unlessMet(past));
  }
  attested(milestone, terms, due, past) {
    const rows = this.evidence.rows.filter((it) => it.of === "attested_figures").map((it) => it.says).filter((it) => microsOf(it.attested_at) <= this.asOf);
    const withdrawn = new Set(rows.map((it) => it.withdraws)), goal = new Goal(terms.target, ">=");
    const mine = rows.filter((it) => it.kind === terms.kind && it.milestone === milestone && !withdrawn.has(it.number));
    mine.sort((one, other) => (one.day < other.day ? -1 : one.day > other.day ? 1 : one.number - other.number));
    let value = 0, since = null;
    for (const it of mine) {
      value = terms.kind === "headcount" ? Number(it.amount) : value + Number(it.amount);
      since = goal.reachedBy(value) ? since ?? it.day : null;
    }
    return this.made(since ? "met" : this.unlessMet(past), { kpi: { value, low: value, high: value }, goal, metOn: since });
  }
  /** Good units by day, and what may hide more, or belong to a neighbour. */
  outputs(days) {
    const { columns: c } = this.summable, paces = this.paces(days), isNever = { isFirst: () => false, isLast: () => false };
    const ofRuns = this.facts.hasHoles ? this.facts.runEdgesOf(this.facts.rowsOf(days)) : isNever;
    return this.summable.dayNames.filter((day) => day >= days.start && day <= days.end).map((day) => {
      const rows = this.summable.days.get(day), ofDay = this.summable.edgesOf(rows, (row) => c.line[row]);
      const found = { day, good: null, possible: 0, unsureStart: 0, unsureEnd: 0, unsureInside: 0 };
      const isCounted = rows.some((row) => !isNone(c.good_count[row]) || !isNone(c.good_unheard_s[row]));
      for (const row of rows) {
        const start = some(c.unsure_start_count[row]) * paces[c.line[row]], end = some(c.unsure_end_count[row]) * paces[c.line[row]];
        if (!isNone(c.good_count[row])) found.good = (found.good ?? 0) + c.good_count[row];
        found.possible += this.possibleUnits(c, row, paces[c.line[row]]);
        if (ofRuns.isFirst(row)) found.unsureInside += start; else if (ofDay.isFirst(row)) found.unsureStart += start;
        if (ofRuns.isLast(row)) found.unsureInside += end; else if (ofDay.isLast(row)) found.unsureEnd += end;
      }
      if (!isCounted || isNone(found.possible)) found.possible = null;
      return found;
    });
  }
  paces(days) {
    const c = this.facts.columns, found = {};
    for (const row of this.facts.rowsOf(days)) found[c.line[row]] = larger(found[c.line[row]] ?? 1, Math.max(some(paceOf(c, row)), 1));
    return found;
  }
  possibleUnits(c, row, pace) {
    const isBusy = c.plan[row] === "busy", cycle = this.shortestCycle(c.line[row]);
    const silent = some(c.good_unheard_s[row]) + some(larger(c.total_quiet_s[row], c.good_quiet_s[row]));
    const hidden = (isBusy ? c.unknown_us[row] / 1e6 : 0) + Math.min(silent, c.producing_us[row] / 1e6);
    const outside = (some(c.unsure_plan_s[row]) / cycle) * pace;
    const vouched = isBusy ? Math.max(some(c.good_count_unknown[row]) - outside, 0) : 0, missed = some(larger(c.total_count_missed[row], c.good_count_missed[row]));
    if (!(hidden > 0)) return missed;
    return missed + Math.max(Math.max(hidden / cycle, some(c.possible_count[row])) * pace - vouched, 0);
  }
  /** The shortest ideal cycle of what the line made, as the plant file says; NaN: there is none. */
  shortestCycle(line) {
    this.cycles ??= new Map();
    if (!this.cycles.has(line)) {
      const { lines, products = {} } = this.project.plant, { columns: c } = this.facts, of = lines[line];
      const seen = new Set([of.product ?? null]);
      for (let row = 0; row < this.facts.height; row++) if (c.line[row] === line && c.day[row] < this.today) seen.add(c.product[row]);
      const cycles = [...seen].map((it) => (products && it !== null && Object.hasOwn(products, it) ? products[it].ideal_cycle_time_s : of.ideal_cycle_time_s)).filter(Boolean);
      this.cycles.set(line, cycles.length ? Math.min(...cycles) : NaN);
    }
    return this.cycles.get(line);
  }
  goodUnits(outputs) {
    if (!outputs.length) return { value: null, low: null, high: null, coverage: null };
    const days = { start: outputs[0].day, end: outputs.at(-1).day }, sums = this.sums(days), coverage = this.coverage(days);
    const good = isNone(sums.good_count) ? null : sums.good_count, possible = sumOfAll(outputs.map((it) => it.possible));
    if (good === null && isNone(sums.good_unheard_s)) return { value: null, low: null, high: null, coverage };
    return { value: good, low: countBounds(sums, "good_count")[0], high: possible === null ? null : (good ?? 0) + possible + unsureOf(outputs), coverage };
  }
  isCertain(outputs, goal) { return goal.reachedBy(goodOf(outputs)) && goal.provedBy(this.goodUnits(outputs)); }
  output(milestone, terms) {
    const goal = new Goal(terms.good_units, ">="), due = this.project.due.get(milestone), window = terms.window ?? terms;
    if (window.start === undefined) {
      const search = { start: this.project.start, end: due }, ended = this.endedDays(search), every = ended ? this.outputs(ended) : [];
      const value = (days) => this.goodUnits(every.filter((it) => it.day >= days.start && it.day <= days.end));
      return this.overAny({ goal, value, proves: (kpi) => goal.reachedBy(kpi.value) && goal.provedBy(kpi) }, window.production_days, search);
    }
    const period = window.end ? { start: window.start, end: window.end } : this.firstDays(window, due), days = this.endedDays(period), isOver = this.today > period.end;
    const outputs = days ? this.outputs(days) : [];
    if (!days || (!isOver && this.isNothing(days, outputs))) return this.made("pending", { goal, window: window.end ? period : null });
    let made = 0;
    for (let n = 0; n < outputs.length; n++) {
      made += outputs[n].good ?? 0;
      if (!goal.reachedBy(made) || !this.isCertain(outputs.slice(0, n + 1), goal)) continue;
      const window = { start: period.start, end: outputs[n].day };
      return this.made("met", { kpi: this.goodUnits(outputs.slice(0, n + 1)), goal, window, examined: [window], metOn: window.end });
    }
    const kpi = this.goodUnits(outputs);
    return this.made(isOver ? (goal.refutedBy(kpi) ? "not_met" : "not_provable") : "on_track", { kpi, goal, window: days, examined: [days] });
  }
  isNothing(days, outputs) { return !this.productionDays(days).length && !goodOf(outputs); }
  commissioned(milestone, terms, due, past) {
    const goal = new Goal(terms.good_units, ">="), search = { start: this.project.start, end: due }, days = this.endedDays(search);
    const outputs = days ? this.outputs(days) : [];
    if (!days || (!past && this.isNothing(days, outputs))) return this.made("pending", { goal, window: search });
    const runs = outputs.map((_, n) => outputs.slice(Math.max(0, n + 1 - terms.within_days), n + 1));
    const first = runs.find((run) => this.isCertain(run, goal));
    const best = first ?? runs.reduce((one, other) => ((goodOf(other) ?? 0) > (goodOf(one) ?? 0) ? other : one));
    const window = { start: best[0].day, end: best.at(-1).day }, kpi = this.goodUnits(best);
    if (first) return this.made("met", { kpi, goal, window, examined: [window], metOn: window.end });
    const highs = runs.map((run) => { const more = sumOfAll(run.map((it) => it.possible)); return more === null ? null : (goodOf(run) ?? 0) + more + unsureOf(run); });
    kpi.high = highs.includes(null) ? null : Math.max(...highs);
    return this.made(past ? (goal.refutedBy(kpi) ? "not_met" : "not_provable") : "on_track", { kpi, goal, window, examined: [days] });
  }
  operating(milestone, terms, due) {
    if (terms.producing_days !== undefined) return this.producing(terms, due);
    const first = nextDay(this.project.end), monthStart = (n) => monthLater(first, n), goal = new Goal(terms.months, ">=");
    const whole = { start: first, end: nextDay(monthStart(terms.months), -1) }, days = this.endedDays(whole);
    if (!days) return this.made("pending", { goal, window: whole });
    if (!(terms.months <= 1200)) throw new Broken("verdicts.json", "other_terms", { milestone });
    const needed = terms.production_days_per_month, { certain, possible } = this.producingDays(days);
    const months = Array.from({ length: terms.months }, (_, n) => ({ start: monthStart(n), end: nextDay(monthStart(n + 1), -1) })).filter((it) => this.today > it.end);
    const count = (list, it) => list.filter((day) => day >= it.start && day <= it.end).length;
    const sure = months.filter((it) => count(certain, it) >= needed).length, able = months.filter((it) => count(possible, it) >= needed).length;
    const kpi = { value: sure, low: sure, high: able, coverage: this.coverage(days) };
    const isDone = months.length === terms.months, unsure = able > sure;
    const status = able < months.length ? "not_met" : isDone ? (unsure ? "not_provable" : "met") : "on_track";
    return this.made(status, { kpi, goal, window: days, examined: [days], metOn: status === "met" ? whole.end : null });
  }
  producing(terms, due) {
    const search = { start: nextDay(this.project.end), end: due }, goal = new Goal(terms.producing_days, ">=");
    const count = (list, it) => list.filter((day) => day >= it.start && day <= it.end).length;
    const value = (days) => {
      const { certain, possible } = this.producingDays(days), sure = count(certain, days);
      return { value: sure, low: sure, high: count(possible, days), coverage: this.coverage(days) };
    };
    return this.overWindow({ goal, value, proves: (kpi) => goal.provedBy(kpi) }, terms.window, search, due);
  }
  producingDays(days) {
    const { columns: c } = this.facts, certain = [], possible = [];
    for (const day of this.facts.dayNames.filter((it) => it >= days.start && it <= days.end)) {
      const rows = this.facts.days.get(day), most = (row) => Math.max(some(c.total_count[row]), some(c.good_count[row]));
      const isCertain = (row) => c.producing_us[row] > 0 || most(row) > some(c.unsure_start_count[row]) + some(c.unsure_end_count[row]);
      if (rows.some(isCertain)) certain.push(day);
      if (rows.some((row) => c.producing_us[row] > 0 || most(row) > 0 || c.unknown_us[row] > 0)) possible.push(day);
    }
    return { certain, possible };
  }
  ofKpi(milestone, terms, due, past) {
    const method = terms.method ?? "iso22400", metric = terms.metric, least = terms.min_coverage ?? 0;
    const isCovered = (kpi) => (kpi.coverage ?? 0) >= least - ROUNDING, isRange = terms.window.end !== undefined;
    let goal = new Goal(terms.target ?? null, terms.op ?? ">="), baseline = null, more = [];
    if (terms.target === undefined) {
      goal = new Goal(null, terms.change > 0 ? ">=" : "<=");
      const window = isRange ? { start: terms.window.start, end: terms.window.end } : null;
      if (this.today <= terms.baseline.end) return this.made("pending", { goal, window });
      this.endedDays(terms.baseline);
      const kpi = evaluate(metric, this.sums(terms.baseline, method));
      [baseline, more] = [kpi.value, [terms.baseline]];
      if (kpi.value === null || !isCovered(kpi)) return this.made("not_provable", { goal, window, examined: more, baseline });
      goal.target = kpi.value * (1 + terms.change);
    }
    const start = more.length && nextDay(terms.baseline.end) > this.project.start ? nextDay(terms.baseline.end) : this.project.start;
    const question = { goal, baseline, more, value: (days) => this.kpi(metric, days, method), proves: (kpi) => goal.provedBy(kpi) && isCovered(kpi) };
    return this.overWindow(question, terms.window, { start, end: due }, due);
  }
  /** A range of days, the first production days from a day on, or so many in a row wherever they lie. */
  overWindow(question, window, search, due) {
    if (window.start === undefined) return this.overAny(question, window.production_days, search);
    if (window.end !== undefined) return this.overRange(question, { start: window.start, end: window.end });
    const every = { start: window.start, end: due }, ended = this.endedDays(every), count = ended ? this.productionDays(ended).length : 0;
    if (count < window.production_days && this.today > due) return this.made("not_met", { goal: question.goal, baseline: question.baseline, examined: [every, ...(question.more ?? [])] });
    return this.overRange(question, this.firstDays(window, due), count >= window.production_days);
  }
  /** Up to the last of the first production days; up to the due day where they have not all ended. */
  firstDays(window, due) {
    const ended = this.endedDays({ start: window.start, end: due }), days = ended ? this.productionDays(ended) : [];
    return { start: window.start, end: days[window.production_days - 1] ?? due };
  }
  answer({ goal, baseline = null, more = [] }, status, kpi, window, examined = window) {
    const mix = more.length ? this.productMix(more[0], window) : null;
    return this.made(status, { kpi, goal, window, baseline, mix, examined: [examined, ...more], metOn: status === "met" ? window.end : null });
  }
  overRange(question, window, isKnown = true) {
    const { goal, baseline = null, value, proves } = question, days = this.endedDays(window), isOver = this.today > window.end;
    if (!days || !(isOver || this.productionDays(days).length)) return this.made("pending", { goal, window: isKnown ? window : null, baseline });
    const kpi = value(days);
    return this.answer(question, !isOver ? "on_track" : goal.refutedBy(kpi) ? "not_met" : proves(kpi) ? "met" : "not_provable", kpi, days);
  }
  overAny(question, length, search) {
    const { goal, baseline = null, more = [], value, proves } = question, past = this.today > search.end;
    const ended = this.endedDays(search), days = ended ? this.productionDays(ended) : [];
    if (!days.length && !past) return this.made("pending", { goal, baseline });
    const windows = [];
    for (let n = 0; n + length <= days.length; n++) {
      const window = { start: days[n], end: days[n + length - 1] }, kpi = value(window);
      if (proves(kpi)) return this.answer(question, "met", kpi, window);
      windows.push({ window, kpi });
    }
    if (!past) {
      const window = { start: days.slice(-length)[0], end: days.at(-1) };
      return this.answer(question, "on_track", value(window), window, { start: search.start, end: this.yesterday });
    }
    if (!windows.length) return this.made("not_met", { goal, baseline, examined: [search, ...more] });
    const undecided = windows.filter((it) => !goal.refutedBy(it.kpi)), rank = ({ kpi }) => (kpi.value === null ? -Infinity : goal.op === ">=" ? kpi.value : -kpi.value);
    const best = (undecided.length ? undecided : windows).reduce((one, other) => (rank(other) > rank(one) ? other : one));
    return this.answer(question, undecided.length ? "not_provable" : "not_met", best.kpi, best.window, search);
  }
  /** Of baseline and window, the share of each product in the good units; null: these are not counted. */
  productMix(baseline, window) {
    const [before, now] = [this.sharesOf(baseline), this.sharesOf(window)];
    if (!before || !now) return null;
    const products = [...new Set([...before.products, ...now.products])].sort(compareBytes), apart = products.map((it) => [before.of(it).value, now.of(it).value]);
    const isKnown = products.length && apart.flat().every((it) => it !== null);
    const moved = apart.map(([one, other]) => Math.abs(one - other)).reduce((sum, it) => sum + it, 0) / 2;
    return { moved_by: isKnown ? Math.min(moved, 1) : null, products: products.map((product) => ({ product, baseline: before.of(product), window: now.of(product) })) };
  }
  sharesOf(days) {
    const c = this.summable.columns, rows = this.summable.rowsOf(days), paces = this.paces(days), counted = {}, certain = {};
    if (rows.every((row) => isNone(c.good_count[row]))) return null;
    let open = 0;
    for (const row of rows) {
      const product = c.product[row] ?? "", good = some(c.good_count[row]), judged = some(c.unsure_judged_count[row]), borders = (some(c.unsure_start_count[row]) + some(c.unsure_end_count[row])) * paces[c.line[row]];
      const isUnsure = product === "" || some(c.ideal_less_s[row]) + some(c.ideal_more_s[row]) + some(c.good_ideal_less_s[row]) + some(c.good_ideal_more_s[row]) > 0;
      const doubtful = isUnsure ? good : Math.min(good, some(c.good_count_unknown[row]) + some(c.unsure_reset_count[row]) + judged + borders + some(c.reject_count_missed[row]));
      counted[product] = (counted[product] ?? 0) + good;
      certain[product] = (certain[product] ?? 0) + good - doubtful;
      open += doubtful + this.possibleUnits(c, row, paces[c.line[row]]) + borders + judged;
    }
    const products = Object.keys(counted).filter((it) => it !== "" && counted[it] > 0).sort(compareBytes), sumOf = (of) => products.reduce((sum, it) => sum + of[it], 0);
    const known = sumOf(counted), sure = sumOf(certain), whole = sure + open;
    const bounds = (mine) => (isNone(open) ? [0, 1] : whole ? [mine / whole, (mine + open) / whole] : [0, 0]);
    return { products, of: (product) => { const [low, high] = bounds(certain[product] ?? 0); return { value: known ? (counted[product] ?? 0) / known : null, low, high }; } };
  }
}
const goodOf = (outputs) => outputs.reduce((sum, it) => (it.good === null ? sum : (sum ?? 0) + it.good), null);
const unsureOf = (outputs) => outputs[0].unsureStart + outputs.at(-1).unsureEnd + outputs.reduce((sum, it) => sum + it.unsureInside, 0);
const sumOfAll = (values) => (values.includes(null) ? null : values.reduce((sum, it) => sum + it, 0));
/** The same day so many months later; the last of the month where it has no such day. */
function monthLater(day, months) {
  const [year, month, date] = day.split("-").map(Number), last = new Date(Date.UTC(year, month + months, 0)).getUTCDate();
  return dayText(Date.UTC(year, month - 1 + months, Math.min(date, last)));
}
/** The ideal times, in which no slice has more than fits into it (one item beyond is let pass). */
function withinIdealSpeed(facts) {
  const c = facts.columns, counts = (row) => c.plan[row] === "busy" && c.mode[row] !== "maintenance", replaced = {};
  const slices = new Map();
  for (let row = 0; row < facts.height; row++) {
    const key = `${c.line[row]}|${c.start[row]}`;
    if (!slices.has(key)) slices.set(key, []);
    slices.get(key).push(row);
  }
  for (const [name, timeOf] of [["ideal_s", (row) => c.producing_us[row]], ["good_ideal_s", (row) => c.producing_us[row] + c.unknown_us[row]]])
    for (const rows of slices.values()) {
      let ideal = 0, time = 0, item = 0;
      for (const row of rows.filter(counts)) {
        ideal += some(c[name][row]);
        time += timeOf(row) / 1e6;
        if (c.good_count[row] > 0) item = Math.max(item, some(c.good_ideal_s[row] / c.good_count[row]));
      }
      if (!(ideal > (time + item) * (1 + ROUNDING))) continue;
      replaced[name] ??= [...c[name]];
      for (const row of rows.filter(counts)) replaced[name][row] *= (time + item) / ideal;
    }
  return replaced;
}

/** What of two product mixes differs: null, nothing. */
function mixDifference(shown, made) {
  const told = (mix) => (mix ? [["moved_by", mix.moved_by], ...mix.products.flatMap((it) => ["baseline", "window"].flatMap((of) => ["value", "low", "high"].map((name) => [`${it.product} ${of} ${name}`, it[of][name]])))] : []);
  const [ours, theirs] = [told(made), told(shown)], place = Math.max(ours.length, theirs.length);
  for (let n = 0; n < place; n++) if (ours[n]?.[0] !== theirs[n]?.[0] || !isClose(ours[n][1], theirs[n][1])) return ["product_mix", JSON.stringify(theirs[n] ?? null), JSON.stringify(ours[n] ?? null)];
  return null;
}
const isClose = (one, other) => one === other || (typeof one === "number" && typeof other === "number" && Math.abs(one - other) <= ROUNDING * Math.max(1, Math.abs(one), Math.abs(other)));
/** What of a shown verdict is otherwise: [name, shown, drawn anew]; null: nothing. */
function difference(shown, made) {
  const status = isOpen(shown.status) && isOpen(made.status) ? shown.status : made.status;
  if (shown.status !== status) return ["status", shown.status, status];
  for (const name of ["value", "low", "high", "coverage", "target", "baseline_value"]) if (!isClose(shown[name], made[name])) return [name, shown[name], made[name]];
  if (shown.met_on !== made.met_on) return ["met_on", shown.met_on, made.met_on];
  for (const end of ["start", "end"]) if ((shown.window?.[end] ?? null) !== (made.window?.[end] ?? null)) return ["window", JSON.stringify(shown.window), JSON.stringify(made.window)];
  if (shown.evidence.facts_digest !== made.facts_digest) return ["facts_digest", shown.evidence.facts_digest, made.facts_digest];
  return mixDifference(shown.product_mix ?? null, made.product_mix);
}
/** The same of the verdict under the terms that held when the window began. */
async function earlierDifference({ zip }, judge, { id, earlier_terms: shown }) {
  if (!shown) return null;
  const made = judge.judge(id, await zip.json(`terms/${shown.terms_digest}.json`));
  return made && difference({ ...shown, baseline_value: made.baseline_value, product_mix: made.product_mix, evidence: { facts_digest: shown.facts_digest } }, made);
}
async function checkVerdicts(evidence) {
  const path = "verdicts.json", { zip, about, terms, project } = evidence, shown = await zip.json(path);
  if (about.facts_format !== FACTS_FORMAT) throw new NotHere("other_facts", { theirs: String(about.facts_format), ours: String(FACTS_FORMAT) });
  if (shown.project !== about.project || shown.milestones.length !== about.milestones.length) throw new Broken(path, "other_verdicts");
  const judge = new Judge(evidence, await readFacts(evidence));
  evidence.verdicts = [];
  for (const row of shown.milestones) {
    const agreed = terms.get(row.id), digest = about.milestones.find((it) => it.id === row.id)?.terms;
    if (!agreed || row.evidence.terms_digest !== digest || row.kind !== agreed.kind || row.due !== project.due.get(row.id)) throw new Broken(path, "other_terms", { milestone: row.id });
    const made = judge.judge(row.id, agreed), differs = made && (difference(row, made) ?? (await earlierDifference(evidence, judge, row)));
    evidence.verdicts.push({ row, made, differs });
    await new Promise((done) => setTimeout(done)); // the page stays alive
  }
  const wrong = evidence.verdicts.find((it) => it.differs), left = evidence.verdicts.filter((it) => !it.made);
  evidence.left = left.map((it) => it.row.id);
  if (wrong) {
    const [name, was, is] = wrong.differs;
    throw new Broken(path, "verdict_differs", { milestone: wrong.row.id, name, shown: String(was), made: String(is) });
  }
  return left.length ? ["verdicts_some", { count: evidence.verdicts.length - left.length, of: evidence.verdicts.length, which: evidence.left.join(", ") }] : ["verdicts_all", { count: evidence.verdicts.length }];
}
