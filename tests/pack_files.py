"""The smallest pack as files, and what comes of it when a file is changed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from huying.service.packs import Checked, check_pack
from huying.service.packs.settings import Days

FILES: dict[str, str] = {
    "pack.toml": """\
name = "xikou"
edition = "2026.1"
languages = ["zh", "en"]
title = { zh = "溪口县", en = "Xikou County" }
timezone = "Asia/Shanghai"
centre = [28.05, 121.20]
duty_desk = "duty"
default_type = "unknown"
follow_up = "3d"

[calendar]
country = "CN"
office_hours = ["08:30-12:00", "13:30-17:30"]
weekend = [6, 7]

[routing]
accept = "1wd"
due = "5wd"
""",
    "agencies.csv": """\
# who is competent
code,kind,parent,area,name_zh,name_en
duty,desk,,,值班室,Duty desk
police,police,duty,,公安局,Police
urban,department,duty,,综合执法局,Urban management
west,town,duty,west,西溪镇政府,West Brook town hall
""",
    "stations.csv": """\
code,joint,agencies,lat,lon,name_zh,name_en
west-post,yes,police west,28.05,121.15,西溪联勤警务站,West joint post
""",
    "types.csv": """\
code,group,priority,police,agency,run_card,questions,open311,apco,name_zh,name_en,description_zh,description_en
police.fight,police,2,yes,police,patrol,danger,no,ASSLT,打架斗殴,Fight,,
city.noise,city,4,no,urban,,danger source,yes,,噪声扰民,Noise,施工噪声,Noise of building sites
town.dispute,town,4,no,{town},,,yes,,邻里纠纷,Quarrel,,
unknown,other,3,no,,,,no,,待研判,Not yet known,,
""",
    "questions.csv": """\
code,kind,required,choices,text_zh,text_en
danger,yesno,yes,,有人受到威胁吗？,Is anybody threatened?
source,choice,no,site=工地/Building site|shop=商铺/Shop,哪里来的？,Where from?
""",
    "words.csv": """\
words,type,weight,priority
打架,police.fight,3,
动刀,police.fight,3,1
噪音,city.noise,2.5,
""",
    "rules.csv": """\
code,types,areas,priority_max,hours,answers,agency,accept,due,ladder,reason_zh,reason_en
danger,city.* town.*,,,,danger=yes,police,10m,2h,urgent,有人受到威胁,Somebody is threatened
noise-night,city.noise,,,22:00-06:00,,police,15m,2h,urgent,夜间噪声由公安处置,Noise at night
noise,city.noise,,,,,urban,4wh,2wd,usual,噪声由综合执法局承办,Noise by day
town,town.*,,,,,{town},8wh,3wd,usual,属地镇承办,Belongs to the town
""",
    "ladders.csv": """\
ladder,rung,after,to
usual,1,30m,{agency}
usual,2,1wd,{parent}
usual,3,2wd,{duty}
urgent,1,0m,{duty}
""",
    "retention.csv": """\
code,kind,types,keep,purpose_zh,purpose_en
contact,contact,,30d,回访,Calling back
words,words,,90d,复核,Review
""",
    "standards.csv": """\
priority,dispatch_s,arrive_s,ladder
1,60,300,urgent
2,120,600,urgent
3,600,1800,urgent
4,0,0,
5,0,0,
""",
    "run_cards.csv": """\
run_card,ability,count,agencies,within_s
patrol,patrol,1,police,600
""",
    "shifts.csv": """\
code,start,end,days,name_zh,name_en
night,20:00,08:00,,夜班,Night shift
weekday,08:00,18:00,1 2 3 4 5,工作日,Weekdays
""",
    "units.csv": """\
code,agency,kind,abilities,station,lat,lon,speed_kmh,shifts,name_zh,name_en
p1,police,car,patrol transport,west-post,,,40,,西溪一组,West car 1
v1,west,volunteers,search,,28.06,121.16,5,weekday,西溪义警,West volunteers
""",
    "dispositions.csv": """\
code,follow_up,name_zh,name_en
done,yes,已处理,Dealt with
duplicate,no,重复来件,Duplicate
""",
    "places.csv": """\
code,kind,area,lat,lon,name_zh,name_en,aliases
west-market,market,west,28.045,121.145,西溪菜场,West Market,菜场|the market
""",
    "roads.csv": """\
code,kind,ref,area,numbers,line,name_zh,name_en,aliases
g1,national,G1,,,28.05 121.12 3|28.05 121.16 7,G1国道,National Road G1,1国道
old-street,street,,west,1-99,28.04 121.14|28.06 121.14,老街,Old Street,
""",
    "elsewhere.csv": """\
name
邻县
""",
    "areas.geojson": """\
{"type": "FeatureCollection", "features": [
{"type": "Feature",
 "properties": {"code": "xikou", "kind": "county", "parent": "", "name_zh": "溪口县", "name_en": "Xikou"},
 "geometry": {"type": "Polygon", "coordinates": [[
  [121.1, 28.0], [121.3, 28.0], [121.3, 28.1], [121.1, 28.1], [121.1, 28.0]]]}},
{"type": "Feature",
 "properties": {"code": "west", "kind": "town", "parent": "xikou", "name_zh": "西溪镇", "name_en": "West"},
 "geometry": {"type": "Polygon", "coordinates": [[
  [121.1, 28.0], [121.2, 28.0], [121.2, 28.1], [121.1, 28.1], [121.1, 28.0]]]}}
]}
""",
    "calendar.csv": """\
date,kind
# the county's own day
2026-03-03,holiday
""",
}


def short_calendar(country: str, subdivision: str) -> Days | None:
    """Two days of China, nothing of any other country: enough for hand-counted examples."""
    if country != "CN":
        return None
    return frozenset({date(2026, 10, 1), date(2026, 10, 2)}), frozenset({date(2026, 10, 10)})


def pack_bytes(changes: Mapping[str, str | bytes | None] = {}) -> dict[str, bytes]:
    """The pack's files with `changes` put in place; None takes a file away."""
    files: dict[str, str | bytes | None] = {**FILES, **changes}
    return {
        name: text.encode() if isinstance(text, str) else text
        for name, text in files.items()
        if text is not None
    }


def check(changes: Mapping[str, str | bytes | None] = {}) -> Checked:
    return check_pack(pack_bytes(changes), short_calendar)
