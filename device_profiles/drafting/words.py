"""The words by which machines name what Lineproof reads: English, German, Chinese and Japanese.

A phrase is all of its words in any order; a Latin word is met by one that begins with it, if it has
four letters or more, or is the same. Letters are small, German umlauts written out. The number says
how much the phrase tells: 6 what hardly means anything else, 3 what may mean something else too.
"""

from __future__ import annotations

from typing import Final

SURE: Final = 6
LIKELY: Final = 3

WORDS: Final[dict[str, dict[int, tuple[str, ...]]]] = {
    "good_count": {
        SURE: (
            *("good count", "good parts", "good pieces", "good items", "good total", "good units"),
            *(
                "ok count",
                "ok parts",
                "count ok",
                "accepted",
                "gutteile",
                "gutmenge",
                "gut zaehler",
            ),
            *("gutstueck", "gut stueck", "gut menge", "gut teile", "io teile", "zaehler gut"),
            *("stk gut", "stk io", "stueck io", "io stk", "io stueck"),
            *("良品", "合格品", "合格数", "合格數", "正品", "ok数", "ok數"),
        ),
        LIKELY: ("good", "gut", "合格"),
    },
    "reject_count": {
        SURE: (
            *("reject", "rejected", "scrap", "defect", "defective", "ng count", "nok", "bad count"),
            *("bad parts", "bad pieces", "bad total", "waste count", "ausschuss", "schlechtteile"),
            *("schlecht", "nio", "不良", "次品", "不合格", "废品", "廢品", "ng数", "ng數"),
        ),
        LIKELY: ("ng", "bad", "waste", "fehlteile"),
    },
    "rework_count": {SURE: ("rework", "nacharbeit", "返工", "手直し")},
    "total_count": {
        SURE: (
            *("total count", "count total", "total parts", "parts total", "total pieces"),
            *("total items", "processed count", "produced", "part count", "parts count"),
            *("piece count", "item count", "product count", "production count", "total production"),
            *("stk ges", "stueck ges", "stk gesamt", "stueck gesamt", "gesamtstueck"),
            *("gesamtzaehler", "gesamt zaehler", "gesamtmenge", "gesamt menge", "stueckzahl"),
            *(
                "stueckzaehler",
                "teilezaehler",
                "产量",
                "產量",
                "总数",
                "總數",
                "生産数",
                "总产",
                "總產",
            ),
        ),
        LIKELY: (
            *("count", "counter", "total", "parts", "pieces", "cycles", "strokes", "shots"),
            *("zaehler", "gesamt", "menge", "teile", "hub", "takte", "processed", "output"),
            *("stk", "stueck"),
            *("计数", "計數", "件数", "件數", "数量", "數量", "カウント", "次数", "次數"),
        ),
    },
    "energy": {
        SURE: (
            *("energy", "kwh", "energie", "wirkarbeit", "wirkenergie", "stromverbrauch"),
            *("电能", "電能", "能耗", "电量", "電量", "電力量", "用电", "用電"),
        ),
        LIKELY: ("arbeit", "verbrauch", "total act", "wh"),
    },
    "power": {
        SURE: ("active power", "act power", "wirkleistung", "功率", "消費電力"),
        LIKELY: ("power", "leistung", "kw", "watt"),
    },
    "ideal_speed": {
        SURE: ("design speed", "rated speed", "nominal speed", "nenngeschwindigkeit", "额定速度"),
        LIKELY: ("ideal speed", "nennleistung"),
    },
    "speed": {
        SURE: (
            *("machine speed", "mach speed", "production rate", "parts minute", "parts hour"),
            *("takte min", "takt min", "stk min", "stueck min"),
        ),
        LIKELY: ("speed", "geschwindigkeit", "tempo", "ppm", "速度", "车速", "車速"),
    },
    "state": {
        SURE: (
            *("machine state", "machine status", "current state", "state current", "run state"),
            *("operating state", "operation state", "maschinenstatus", "maschinenzustand"),
            *(
                "betriebszustand",
                "betriebsstatus",
                "anlagenstatus",
                "anlagenzustand",
                "运行状态",
                "運行狀態",
            ),
            *("机器状态", "機器狀態", "设备状态", "設備狀態", "運転状態", "稼働状態"),
        ),
        LIKELY: ("state", "status", "zustand", "running", "betrieb", "bz", "状态", "狀態", "状態"),
    },
    "mode": {
        SURE: (
            *("operating mode", "operation mode", "unit mode", "machine mode", "betriebsart"),
            *("betriebsmodus", "运行模式", "運行模式", "運転モード"),
        ),
        LIKELY: ("mode", "modus", "模式", "モード"),
    },
    "product": {
        SURE: (
            *("product name", "product code", "product id", "article", "artikel", "recipe name"),
            *(
                "part number",
                "sku",
                "rezept",
                "产品",
                "產品",
                "品番",
                "品种",
                "品種",
                "型号",
                "型號",
            ),
        ),
        LIKELY: ("product", "produkt", "recipe", "sorte", "配方"),
    },
    "order": {
        SURE: (
            *("work order", "order number", "order id", "job id", "job number", "job name"),
            *("production order", "auftrag", "工单", "工單", "订单", "訂單", "製造番号", "工令"),
        ),
        LIKELY: ("order", "job", "batch id", "批号", "批號"),
    },
    "stop_reason": {
        SURE: (
            *("stop reason", "downtime reason", "stoppgrund", "stoergrund", "stillstandsgrund"),
            *("停机原因", "停機原因", "停线原因", "停線原因", "停止理由", "停止要因"),
        ),
    },
    "alarm": {
        SURE: ("alarm text", "alarm message", "stoermeldung", "报警信息", "報警信息"),
        LIKELY: ("alarm", "stoerung", "报警", "報警", "警報", "アラーム"),
    },
    "blocked": {SURE: ("blocked", "rueckstau", "stau", "堵料", "下游阻塞", "満杯")},
    "starved": {SURE: ("starved", "materialmangel", "mangel", "待料", "缺料", "材料待ち")},
    "serial_number": {SURE: ("serial number", "seriennummer", "serial no", "序列号", "序號")},
}
# Where one of these stands in a name, the value is not what the machine has done.
NO_RESULT: Final = (
    *("time", "duration", "clock", "uptime", "heartbeat", "watchdog", "timestamp", "sequence"),
    *("hours", "seconds", "minutes", "zeit", "dauer", "stunden", "lebenszeichen", "setpoint"),
    *("target", "limit", "max", "min", "threshold", "soll", "sollwert", "grenzwert", "planned"),
    *("seit", "since", "oelwechsel", "verschleiss"),
    *(
        "consumed",
        "infeed",
        "einlauf",
        "remaining",
        "preset",
        "size",
        "revision",
        "version",
        "number of",
        "build",
    ),
    *(
        "时间",
        "時間",
        "时长",
        "目标",
        "目標",
        "设定",
        "設定",
        "上限",
        "下限",
        "计划",
        "計劃",
        "予定",
    ),
)
# Each bit of such a value says something by itself.
BITS: Final = ("word", "wort", "bits", "flags", "状态字", "狀態字", "控制字")
# What a machine was told to do, which it may do or not.
SETPOINTS: Final = ("setpoint", "target", "soll", "sollwert", "设定", "設定", "目标", "目標")
# A value of just this name says how good another one is.
QUALITY_NAMES: Final = (("q",), ("quality",), ("qual",), ("qualitaet",), ("品质",), ("品質",))
# What says nothing by itself: the name above counts, too.
NO_NAME: Final = (
    *("value", "val", "v", "current", "actual", "act", "acc", "ist", "istwert", "pv", "值"),
    *("count", "counter", "counts", "total", "number", "quantity", "qty", "sum", "accumulated"),
    *("zaehler", "anzahl", "menge", "summe", "gesamt", "数量", "數量", "计数", "計數", "合計"),
)
TIME_WORDS: Final = (
    *("time", "timestamp", "ts", "datetime", "date", "zeit", "zeitstempel", "at", "t"),
    *("时间", "時間", "日期", "日時"),
)
