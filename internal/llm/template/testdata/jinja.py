"""Writes jinja.json: templates of ours with what Jinja2 makes of them.

Run it with Jinja2 3.1 installed: python3 jinja.py > jinja.json
"""

import datetime
import json

import jinja2
import jinja2.ext
import jinja2.sandbox


def tojson(x, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
    return json.dumps(x, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)


def raise_exception(message):
    raise jinja2.exceptions.TemplateError(message)


def strftime_now(fmt):
    return datetime.datetime(2026, 3, 4, 5, 6, 7).strftime(fmt)


class Generation(jinja2.ext.Extension):
    tags = {"generation"}

    def parse(self, parser):
        next(parser.stream)
        return parser.parse_statements(["name:endgeneration"], drop_needle=True)


def render(source, variables):
    env = jinja2.sandbox.ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.loopcontrols", "jinja2.ext.do", Generation])
    env.filters["tojson"] = tojson
    env.globals["raise_exception"] = raise_exception
    env.globals["strftime_now"] = strftime_now
    given = {"messages": None, "tools": None, "add_generation_prompt": True, "bos_token": "<s>", "eos_token": "</s>"}
    try:
        return env.from_string(source).render(**{**given, **variables})
    except Exception:
        return None


# One line each: expressions, filters, tests, methods, whitespace, scopes.
LINES = r"""
{{ 1 + 2 * 3 }} {{ (1 + 2) * 3 }} {{ 7 // 2 }} {{ -7 // 2 }} {{ -7 % 3 }} {{ 7 / 2 }} {{ 2 ** 10 }} {{ 6 / 3 }}
{{ 1.0 }} {{ 1.5e0 if false else 0.1 }} {{ 1e3 is defined }} {{ 100000000000000000.0 }} {{ 0.00001 }} {{ 3 | float }}
{{ 'a' ~ 1 ~ none ~ true }} {{ "it's" }} {{ ['a', "b'c", 1, 2.0, none, true, {'k': [1]}] }}
{{ 'a' 'b' "c" }} {{ 'tab\tnew\\n' }} {{ '\u00e9' }} {{ 'x\ny' }} {{ '\q' }}
{{ 1 < 2 < 3 }} {{ 1 < 3 < 2 }} {{ 'a' < 'b' }} {{ 1 == 1.0 }} {{ 'a' != 'b' }} {{ true == 1 }} {{ none == false }}
{{ 'ell' in 'hello' }} {{ 3 not in [1, 2] }} {{ 'k' in {'k': 1} }} {{ not 'a' in 'b' }}
{{ not true or true }} {{ true and 'x' }} {{ '' or 'y' }} {{ 0 or none }} {{ [] and 1 }}
{{ 'yes' if x is defined else 'no' }} {{ 'only' if false }} {{ x }} {{ 1 if true else 2 if true else 3 }}
{{ x.y }}
{{ x is defined }} {{ x is not defined }} {{ none is none }} {{ 'a' is string }} {{ 1 is number }} {{ [] is iterable }} {{ {} is mapping }} {{ 'a' is sequence }}
{{ 3 is odd }} {{ 4 is divisibleby 2 }} {{ 4 is divisibleby(3) }} {{ 1 is integer }} {{ 1.0 is float }} {{ true is boolean }} {{ 2 is eq 2 }} {{ 2 is in [1, 2] }}
{{ true is true }} {{ 1 is true }} {{ false is false }} {{ 'AB' is upper }} {{ 1 is sameas 1 }}
{{ -1 | abs }} {{ 3 - 1 | abs }} {{ 'a,b' | replace(',', ';') | upper }} {{ 'x' * 3 }} {{ [1] + [2, 3] }}
{{ ' a b ' | trim }}|{{ 'xxaxx' | trim('x') }}|{{ ' a '.strip() }}|{{ 'xxa'.lstrip('x') }}|{{ 'a\n'.rstrip('\n') }}
{{ 'hello world' | title }} {{ 'hELLO' | capitalize }} {{ 'a b'.title() }} {{ 'Ab'.lower() }} {{ 'é'.upper() }}
{{ 'a b  c'.split() }} {{ 'a,b,c'.split(',') }} {{ 'a,b,c'.split(',', 1) }} {{ 'a b c'.split(none, 1) }} {{ 'a,b,c'.rsplit(',', 1) }} {{ 'a\nb\n'.splitlines() }}
{{ 'abc'.startswith('ab') }} {{ 'abc'.endswith(('x', 'c')) }} {{ 'abc'.find('c') }} {{ 'abab'.count('ab') }} {{ 'ab'.replace('a', 'c') }} {{ 'aaa'.replace('a', 'b', 2) }}
{{ 'abc'[0] }} {{ 'abc'[-1] }} {{ 'abc'[1:] }} {{ 'abc'[::-1] }} {{ [1,2,3,4][1:3] }} {{ [1,2,3,4][::2] }} {{ [1,2,3][-3] }} {{ [1,2,3][-2:] }} {{ [1,2][5] is defined }} {{ 'añb'[1] }}
{{ [3,1,2] | sort }} {{ ['b','A'] | sort }} {{ ['b','A'] | sort(case_sensitive=true) }} {{ [3,1] | sort(reverse=true) }} {{ [1,1,2] | unique | list }}
{{ [1,2,3] | sum }} {{ [1,2,3] | max }} {{ [1,2,3] | min }} {{ [1,2] | first }} {{ [1,2] | last }} {{ 'abc' | length }} {{ {'a':1} | length }} {{ [1,2,3] | reverse | list }} {{ 'abc' | reverse }}
{{ [1,2] | join(', ') }} {{ [{'a':1},{'a':2}] | map(attribute='a') | list }} {{ ['a','b'] | map('upper') | join }} {{ [0,1,2] | select | list }} {{ [1,2,3] | select('odd') | list }} {{ [1,2,3] | reject('gt', 2) | list }}
{{ [{'r':'u'},{'r':'s'}] | selectattr('r', 'equalto', 'u') | list }} {{ [{'r':'u'},{}] | selectattr('r') | list | length }} {{ [{'r':'u'},{'r':'s'}] | rejectattr('r', '==', 'u') | list }}
{{ x | default('d') }} {{ '' | default('d') }} {{ '' | default('d', true) }} {{ none | default('d') }} {{ x | d }}
{{ {'b':1,'a':'x'} | tojson }} {{ [1, 2.5, none, true, 'é<&>\'"\n'] | tojson }} {{ 'é' | tojson(ensure_ascii=true) }} {{ {} | tojson(indent=2) }} {{ [] | tojson }}
{{ {'b':[1,{'c':2}],'a':{}} | tojson(indent=4) }}
{{ {'b':1,'a':2} | tojson(sort_keys=true) }} {{ {'b':1,'a':[1,2]} | tojson(separators=(',', ':')) }}
{% for k, v in {'z':1,'a':2}.items() %}{{ k }}={{ v }};{% endfor %}{{ {'z':1}.keys() | list }} {{ {'z':1}.values() | list }} {{ {'z':1}.get('q', 'n') }} {{ {'z':1}.get('q') }} {{ {'z':1}['z'] }}
{% for k, v in {'z':1,'a':2} | dictsort %}{{ k }}{{ v }}{% endfor %} {% for k, v in {'z':1,'a':2} | items %}{{ k }}{{ v }}{% endfor %}
{% for i in range(3) %}{{ loop.index }}{{ loop.index0 }}{{ loop.first }}{{ loop.last }}{{ loop.length }}{{ loop.revindex }}{{ loop.revindex0 }} {% endfor %}
{% for i in range(5) if i is odd %}{{ i }}{{ loop.index }}{% else %}none{% endfor %} {% for i in [] %}{% else %}none{% endfor %}
{% for i in range(9) %}{% if i == 2 %}{% continue %}{% endif %}{% if i == 4 %}{% break %}{% endif %}{{ i }}{% endfor %}
{% for i in range(1, 10, 3) %}{{ i }}{% endfor %}{% for i in range(3, 0, -1) %}{{ i }}{% endfor %}{% for c in 'añ' %}{{ c }}.{% endfor %}
{% for a in [1,2] %}{% for b in [1,2] %}{{ a }}{{ b }}{{ loop.index }} {% endfor %}{{ loop.index }}{% endfor %}
{% for a in [1,2,3] %}{{ loop.previtem if loop.previtem is defined else '-' }}{{ loop.nextitem if not loop.last else '-' }}{{ loop.cycle('x', 'y') }}{% endfor %}
{% set x = 1 %}{% for i in [1,2] %}{% set x = 2 %}{{ x }}{% endfor %}{{ x }}{% if true %}{% set x = 3 %}{% endif %}{{ x }}
{% set ns = namespace(n=0, s='a') %}{% for i in [1,2] %}{% set ns.n = ns.n + i %}{% set ns.new = i %}{% endfor %}{{ ns.n }}{{ ns.new }}{{ ns.s }}
{% set a, b = 1, 2 %}{{ a }}{{ b }}{% set t = (1, 2) %}{{ t[1] }}{% set c %}in {{ a }}{% endset %}{{ c }}|{% set e = () %}{{ e | length }}
{% macro f(a, b='d') %}{{ a }}-{{ b }};{% endmacro %}{{ f(1) }}{{ f(1, 2) }}{{ f(b=1, a=2) }}{{ f() }}
{% macro g(x) %}{% if x > 0 %}{{ x }}{{ g(x - 1) }}{% endif %}{% endmacro %}{{ g(3) }}{% set y = g(2) %}[{{ y | trim }}]
{% if false %}a{% elif 0 %}b{% elif 'x' %}c{% else %}d{% endif %}{% if none %}{% else %}e{% endif %}
a {%- if true %} b {% endif -%} c {{- ' d ' -}} e
  {% if true %}x{% endif %}  y {# comment #} z {#- c -#} w
{% raw %}{{ not }} {% this %}{% endraw %} {%- raw -%} {{ x }} {%- endraw %} end
{% generation %}text {{ 1 }}{% endgeneration %}
{% filter upper %}a{{ 'b' }}{% endfilter %}{% filter replace('a', 'b') | trim %} a {% endfilter %}
{{ strftime_now('%d %b %Y') }} {{ strftime_now('%Y-%m-%d %H:%M:%S %A %B %j %y %%') }}
{{ raise_exception('no') }}
{{ 'a' + 1 }}
{{ messages.foo.bar }}
{{ [1, 2, 3] | tojson | length }} {{ {'a': 'b'} }} {{ {1: 'x', 'y': 2}[1] }} {{ {'items': 3}['items'] }} {{ {'q': 3}.q }}
{{ '42' | int + 1 }} {{ 'x' | int }} {{ '3.7' | int }} {{ '2.5' | float }} {{ 3.7 | int }} {{ 2.567 | round(1) }} {{ 'x' | int(7) }} {{ 2.5 | round }}
{{ 'a\nb\n\nc' | indent(2) }}|{{ 'a\nb' | indent(2, true) }}|{{ 'a\nb' | indent }}
{{ '<a href="x">' | e }} {{ '<b>' | safe }} {{ 5 | string ~ 'x' }} {{ ['ab', 'c'] | map('length') | list }} {{ 'abc' | list }}
{{ "%s" }} {{ '}}' }} {{ {'a': {'b': 1}} }} {{ '{%' }}
{% set l = [1] %}{% set l = l + [2] %}{{ l }} {{ (1, 2) | list }} {{ [[1, 2], [3]] | sum(start=[]) }}
{{ [{'n':'b','v':2},{'n':'a','v':1}] | sort(attribute='n') | map(attribute='v') | join(',') }} {{ [{'a':1},{}] | map(attribute='a', default=9) | list }}
{{ dict(a=1, b=2) | tojson }} {{ 'x' is not none and true }} {{ not none is none }} {{ 1 if 2 is even and not false else 3 }} {{ 'abc'.isdigit() }} {{ '12'.isdigit() }} {{ ', '.join(['a', 'b']) }}
{{ 'a' if x else 'b' }} {{ x | length }} {{ x ~ 'z' }} {{ [x] | join('-') }} {{ x == y }} {{ x == none }}
{{ 1 }}{# a #}{{ 2 }} {{ 10 % 4 }} {{ 1_000 }} {{ 5 // 2.0 }} {{ 2 ** -1 }} {{ 2 ** 0.5 > 1.41 }} {{ 7.5 % 2 }}
""".strip("\n").split("\n")

# Whole chat templates of our own, in the shapes that published ones have.
SHAPES = {
    "chatml with a default system turn": """{% for message in messages %}{% if loop.first and messages[0]['role'] != 'system' %}{{ '<|im_start|>system
Be kind.<|im_end|>
' }}{% endif %}{{ '<|im_start|>' + message['role'] + '
' + message['content'] + '<|im_end|>' + '
' }}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant
' }}{% endif %}""",
    "alternating turns, system folded into the first": """{{ bos_token }}
{%- if messages[0]['role'] == 'system' -%}
    {%- set first = messages[0]['content'] + '

' -%}
    {%- set rest = messages[1:] -%}
{%- else -%}
    {%- set first = '' -%}
    {%- set rest = messages -%}
{%- endif -%}
{%- for m in rest -%}
    {%- if (m['role'] == 'user') != (loop.index0 % 2 == 0) -%}
        {{ raise_exception('turns must alternate') }}
    {%- endif -%}
    {%- if m['role'] == 'assistant' -%}{%- set role = 'model' -%}{%- else -%}{%- set role = m['role'] -%}{%- endif -%}
    {{ '<turn>' + role + '
' + (first if loop.first else '') }}
    {%- if m['content'] is string -%}
        {{ m['content'] | trim }}
    {%- elif m['content'] is iterable -%}
        {%- for part in m['content'] -%}
            {%- if part['type'] == 'image' -%}{{ '<image>' }}{%- elif part['type'] == 'text' -%}{{ part['text'] | trim }}{%- endif -%}
        {%- endfor -%}
    {%- endif -%}
    {{ '</turn>
' }}
{%- endfor -%}
{%- if add_generation_prompt -%}{{ '<turn>model
' }}{%- endif -%}
""",
    "tools as JSON, calls and results": """{%- if tools %}
    {{- '<|start|>system\\n' }}
    {%- if messages[0].role == 'system' %}
        {{- messages[0].content + '\\n\\n' }}
    {%- endif %}
    {{- "Tools:" }}
    {%- for tool in tools %}
        {{- "\\n" }}
        {{- tool | tojson }}
    {%- endfor %}
    {{- '<|end|>\\n' }}
{%- endif %}
{%- set ns = namespace(last=messages|length - 1, found=false) %}
{%- for message in messages[::-1] %}
    {%- set index = (messages|length - 1) - loop.index0 %}
    {%- if not ns.found and message.role == "user" and not (message.content.startswith('<result>') and message.content.endswith('</result>')) %}
        {%- set ns.found = true %}
        {%- set ns.last = index %}
    {%- endif %}
{%- endfor %}
{%- for message in messages %}
    {%- if message.role == "user" or (message.role == "system" and not loop.first) %}
        {{- '<|start|>' + message.role + '\\n' + message.content + '<|end|>' + '\\n' }}
    {%- elif message.role == "assistant" %}
        {%- set thought = '' %}
        {%- set content = message.content %}
        {%- if '</think>' in message.content %}
            {%- set content = message.content.split('</think>')[-1].lstrip('\\n') %}
            {%- set thought = message.content.split('</think>')[0].rstrip('\\n').split('<think>')[-1].lstrip('\\n') %}
        {%- endif %}
        {{- '<|start|>assistant\\n' }}
        {%- if loop.index0 > ns.last and thought %}{{- '<think>\\n' + thought.strip('\\n') + '\\n</think>\\n\\n' }}{%- endif %}
        {{- content }}
        {%- for call in message.tool_calls or [] %}
            {%- if call.function %}{%- set call = call.function %}{%- endif %}
            {{- '<call>{"name": "' ~ call.name ~ '", "arguments": ' }}
            {%- if call.arguments is string %}{{- call.arguments }}{%- else %}{{- call.arguments | tojson }}{%- endif %}
            {{- '}</call>' }}
        {%- endfor %}
        {{- '<|end|>\\n' }}
    {%- elif message.role == "tool" %}
        {%- if loop.first or (messages[loop.index0 - 1].role != "tool") %}{{- '<|start|>user' }}{%- endif %}
        {{- '\\n<result>\\n' }}{{- message.content }}{{- '\\n</result>' }}
        {%- if loop.last or (messages[loop.index0 + 1].role != "tool") %}{{- '<|end|>\\n' }}{%- endif %}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|start|>assistant\\n' }}
    {%- if enable_thinking is defined and enable_thinking is false %}{{- '<think>\\n\\n</think>\\n\\n' }}{%- endif %}
{%- endif %}
""",
    "a type printer made of macros, as for function signatures": """{%- macro kind(p) -%}
    {%- if p.type == 'array' -%}list of {{ kind(p['items']) }}
    {%- elif p.type is iterable and p.type is not string -%}{{ p.type | join(' or ') }}
    {%- elif p.enum -%}"{{ p.enum | join('", "') }}"
    {%- elif p.type == 'object' -%}{ {%- for k, v in p.properties.items() -%}{{ k }}{{ '?' if k not in (p.required or []) }}: {{ kind(v) }}{{ ', ' if not loop.last }}{%- endfor -%} }
    {%- else -%}{{ p.type | default('any') }}{%- endif -%}
{%- endmacro -%}
{%- for t in tools %}
// {{ t.function.description.split('\\n') | join('\\n// ') }}
{{ t.function.name }}({{ kind(t.function.parameters) }})
{% endfor %}
{{- strftime_now("%d %B %Y") }}
""",
}

TOOLS = [{"type": "function", "function": {"name": "weather", "description": "The weather\nof a place",
         "parameters": {"type": "object", "required": ["place"], "properties": {
             "place": {"type": "string"}, "days": {"type": "array", "items": {"type": ["integer", "null"]}},
             "unit": {"enum": ["°C", "°F"]}, "any": {}}}}}]
CHATS = [
    [{"role": "user", "content": "Hi <there> & 'you'"}],
    [{"role": "system", "content": "Be brief. é"}, {"role": "user", "content": " one "}, {"role": "assistant", "content": "two"}, {"role": "user", "content": "three"}],
    [{"role": "user", "content": "q"}, {"role": "assistant", "content": "<think>\nhm\n</think>\n\nans",
      "tool_calls": [{"function": {"name": "weather", "arguments": {"place": "Bonn", "days": [1, None], "b": True}}}, {"name": "x", "arguments": "{}"}]},
     {"role": "tool", "content": "rain"}, {"role": "tool", "content": "sun"}],
    [{"role": "user", "content": [{"type": "text", "text": " look "}, {"type": "image"}]}],
    [{"role": "assistant", "content": "I start"}],
    [],
]


def cases(shapes):
    for name, source in shapes.items():
        for i, chat in enumerate(CHATS):
            for tools in (None, TOOLS):
                variables = {"messages": chat, "tools": tools, "enable_thinking": False}
                yield {"name": f"{name} {i} {'with' if tools else 'without'} tools", "template": source, "vars": variables}


if __name__ == "__main__":
    out = [{"name": "", "template": line, "vars": {}} for line in LINES] + list(cases(SHAPES))
    for case in out:
        case["want"] = render(case["template"], case["vars"])
    print("[\n" + ",\n".join(json.dumps(case, ensure_ascii=False) for case in out) + "\n]")
