package file

import (
	"errors"
	"math"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"wafer/internal/deal/contract"
	"wafer/internal/diag"
	"wafer/internal/units"
)

// class is what the unit tag of a field demands.
type class struct {
	dims    []units.Dim
	kind    units.Kind // demanded kind; Plain if any or none
	kinded  bool       // a kind must be given
	example string
}

// classes maps the unit tags to what they demand. A ratio may be written as a
// percentage or as a plain fraction; everything else has one form.
var classes = map[string]class{
	"mw":             {dims: []units.Dim{units.Power}, kinded: true, example: "250 MW critical-IT"},
	"mw-any":         {dims: []units.Dim{units.Power}, example: "27 kW"},
	"money":          {dims: []units.Dim{units.Money}, example: "$1B"},
	"money/mw":       {dims: []units.Dim{units.MoneyPerMW}, example: "$15.9M/MW"},
	"money/mw-yr":    {dims: []units.Dim{units.MoneyPerMWYr}, example: "$12M/MW-yr"},
	"money/share":    {dims: []units.Dim{units.MoneyPerShare}, example: "$185/share"},
	"money/kwh":      {dims: []units.Dim{units.MoneyPerKWh}, example: "$0.08/kWh"},
	"money/system":   {dims: []units.Dim{units.MoneyPerSys}, example: "$450k/system"},
	"money/m-tokens": {dims: []units.Dim{units.MoneyPerMTok}, example: "$0.99/M tokens"},
	"price":          {dims: []units.Dim{units.MoneyPerMWYr, units.Money, units.MoneyPerMW, units.MoneyPerSysMo, units.MoneyPerHour, units.MoneyPerMTok}, example: "$12M/MW-yr"},
	"shares":         {dims: []units.Dim{units.Shares}, example: "33,445,026 shares"},
	"shares-basic":   {dims: []units.Dim{units.Shares}, kind: units.Basic, kinded: true, example: "215M shares basic"},
	"shares-diluted": {dims: []units.Dim{units.Shares}, kind: units.Diluted, kinded: true, example: "305M shares diluted"},
	"ratio":          {dims: []units.Dim{units.Ratio, units.None}, example: "70%"},
	"rate":           {dims: []units.Dim{units.Rate}, example: "6%/yr"},
	"number":         {dims: []units.Dim{units.None}, example: "1.2"},
	"years":          {dims: []units.Dim{units.Years}, example: "3 yr"},
	"days":           {dims: []units.Dim{units.Days}, example: "30 days"},
	"tok/s/mw":       {dims: []units.Dim{units.TokPerSecPerMW}, example: "1e6 tok/s/MW"},
	"any":            {example: "$25.4B"},
}

// figure decodes a scalar, a range or a distribution with its ground.
func (d *decoder) figure(n ast.Node, out *contract.Figure, c context) {
	cl := classes[c.tag.Get("unit")]
	out.Path, out.Pos = c.path, d.pos(n)
	ground := c.cite
	switch n.(type) {
	case *ast.MappingNode, *ast.MappingValueNode:
		d.figureMap(n, out, &ground, cl, c)
	default:
		if q, ok := d.quantity(n, cl, c); ok {
			point(out, q, n)
		}
	}
	out.Source, out.Mark, out.Assumed = ground.source, ground.mark, ground.assumed
	out.AsOf, out.Note, out.Undisclosed = ground.asOf, ground.note, ground.undisclosed
	if ground.source != "" {
		d.citePos[c.path] = ground.pos
	}
	if out.Known && out.Source == "" && out.Assumed == "" {
		d.fail(out.Pos, "E0515", "add source: with an id from sources, or assumed: with the reason; either may stand on the section",
			"%s has neither a source nor an assumption mark", lastKey(c.path))
	}
	if out.Known {
		d.bounds(out, c)
	}
}

func point(out *contract.Figure, q units.Quantity, n ast.Node) {
	out.Known, out.Unit, out.Text = true, q.Unit, n.GetToken().Value
	out.Base, out.Low, out.High = q.Value, q.Value, q.Value
}

var figureKeys = []string{"value", "range", "dist", "sd", "source", "mark", "as_of", "note", "assumed", "undisclosed"}

func (d *decoder) figureMap(n ast.Node, out *contract.Figure, ground *cite, cl class, c context) {
	entries, ok := d.entries(n, lastKey(c.path))
	if !ok {
		return
	}
	parts := map[string]ast.Node{}
	for _, e := range entries {
		key := e.Key.GetToken().Value
		if !slices.Contains(figureKeys, key) {
			d.unknownKey(e, key, figureKeys)
			continue
		}
		parts[key] = e.Value
		if slices.Contains(citeKeys, key) {
			d.citeKey(key, e.Value, ground, c)
		}
		if key == "undisclosed" {
			ground.undisclosed, _ = d.text(e.Value, key)
		}
	}
	d.oneGround(parts, n)
	value, rng := parts["value"], parts["range"]
	switch {
	case value != nil && rng != nil:
		d.fail(d.pos(rng), "E0517", "keep one: a range holds its base value in the middle", "both value and range are given")
	case value != nil:
		if q, ok := d.quantity(value, cl, c); ok {
			point(out, q, value)
			d.deviation(parts, out, c)
		}
	case rng != nil:
		d.spread(rng, parts["dist"], out, cl, c)
	case ground.undisclosed == "":
		d.fail(d.pos(n), "E0505", "add value:, range: or undisclosed: with the reason", "%s has no value", lastKey(c.path))
	}
}

// oneGround refuses a figure that is sourced and assumed, or given and withheld.
func (d *decoder) oneGround(parts map[string]ast.Node, n ast.Node) {
	if parts["source"] != nil && parts["assumed"] != nil {
		d.fail(d.pos(parts["assumed"]), "E0536", "keep source: for what was read, assumed: for what was guessed", "a figure cannot be both sourced and assumed")
	}
	if parts["undisclosed"] != nil && (parts["value"] != nil || parts["range"] != nil) {
		d.fail(d.pos(parts["undisclosed"]), "E0536", "write the value with assumed: if it is a guess, or leave the value out", "a figure that is not public cannot have a value")
	}
}

// deviation reads dist with sd beside a value.
func (d *decoder) deviation(parts map[string]ast.Node, out *contract.Figure, c context) {
	dist, sd := parts["dist"], parts["sd"]
	if dist == nil && sd == nil {
		return
	}
	if dist == nil || sd == nil {
		at := dist
		if at == nil {
			at = sd
		}
		d.fail(d.pos(at), "E0518", "write dist: normal or lognormal together with sd:, or a range", "dist and sd belong together beside a value")
		return
	}
	kind, ok := d.dist(dist)
	if !ok {
		return
	}
	text, _ := d.text(sd, "sd")
	q, err := units.Parse(text)
	switch {
	case err != nil:
		d.badQuantity(sd, err)
	case kind == contract.Normal && q.Unit.Dim != out.Unit.Dim:
		d.fail(d.pos(sd), "E0512", "write the standard deviation in the unit of the value", "the standard deviation is %s, the value is %s", q.Unit, out.Unit)
	case kind == contract.Lognormal && q.Unit.Dim != units.Ratio && q.Unit.Dim != units.None:
		d.fail(d.pos(sd), "E0512", "write sd: 20%", "the deviation of a lognormal figure is a ratio, not %s", q.Unit)
	case q.Value <= 0:
		d.fail(d.pos(sd), "E0526", "write a positive deviation", "the standard deviation must be above zero")
	case kind == contract.Normal:
		out.Dist, out.Low, out.High = kind, out.Base-q.Value, out.Base+q.Value
	case kind == contract.Lognormal:
		out.Dist, out.Low, out.High = kind, out.Base*math.Exp(-q.Value), out.Base*math.Exp(q.Value)
	default:
		d.fail(d.pos(dist), "E0518", "give range: [low, base, high] for it", "%s needs a range, not a standard deviation", kind)
	}
}

func (d *decoder) dist(n ast.Node) (contract.Dist, bool) {
	text, ok := d.text(n, "dist")
	if !ok {
		return contract.Point, false
	}
	kind, ok := contract.DistNamed(text)
	if !ok {
		d.fail(d.pos(n), "E0518", "write triangular, uniform, normal or lognormal", "%q is no distribution", text)
	}
	return kind, ok
}

// spread reads range: [low, high] or [low, base, high].
func (d *decoder) spread(n, dist ast.Node, out *contract.Figure, cl class, c context) {
	seq, ok := n.(*ast.SequenceNode)
	if !ok || len(seq.Values) < 2 || len(seq.Values) > 3 {
		d.fail(d.pos(n), "E0517", "write range: [low, base, high]", "a range has two or three values")
		return
	}
	var qs []units.Quantity
	for _, item := range seq.Values {
		q, ok := d.quantity(item, cl, c)
		if !ok {
			return
		}
		qs = append(qs, q)
	}
	low, high := qs[0], qs[len(qs)-1]
	base := (low.Value + high.Value) / 2
	if len(qs) == 3 {
		base = qs[1].Value
	}
	for i, q := range qs {
		if q.Unit != low.Unit {
			d.fail(d.pos(seq.Values[i]), "E0512", "write all values of a range in one unit", "%s stands beside %s", q.Unit, low.Unit)
			return
		}
	}
	if low.Value > base || base > high.Value || low.Value == high.Value {
		d.fail(d.pos(n), "E0517", "order them low, base, high", "the range does not rise from low over base to high")
		return
	}
	point(out, low, seq.Values[0])
	out.Low, out.Base, out.High, out.Dist = low.Value, base, high.Value, contract.Triangular
	if dist == nil {
		return
	}
	if kind, ok := d.dist(dist); ok {
		if kind != contract.Triangular && kind != contract.Uniform {
			d.fail(d.pos(dist), "E0518", "give value: and sd: for it", "%s needs a standard deviation, not a range", kind)
			return
		}
		out.Dist = kind
	}
}

// quantity reads a number with its unit and holds it against the class.
func (d *decoder) quantity(n ast.Node, cl class, c context) (units.Quantity, bool) {
	text, ok := d.text(n, lastKey(c.path))
	if !ok {
		return units.Quantity{}, false
	}
	q, err := units.Parse(text)
	if err != nil {
		d.badQuantity(n, err)
		return q, false
	}
	if len(cl.dims) > 0 && !slices.Contains(cl.dims, q.Unit.Dim) {
		d.fail(d.pos(n), "E0512", "write it like "+cl.example, "%s is counted in %s, and %q is %s", lastKey(c.path), cl.dims[0], text, q.Unit.Dim)
		return q, false
	}
	if cl.kinded && q.Unit.Kind == units.Plain {
		d.noKind(n, q, cl, c)
		return q, false
	}
	if cl.kind != units.Plain && q.Unit.Kind != cl.kind {
		d.fail(d.pos(n), "E0514", "write it like "+cl.example, "%s counts %s shares, and %q are %s ones", lastKey(c.path), cl.kind, text, q.Unit.Kind)
		return q, false
	}
	return q, true
}

func (d *decoder) noKind(n ast.Node, q units.Quantity, cl class, c context) {
	if kinds, ok := units.NeedsKind(q.Unit.Dim); ok {
		d.fail(d.pos(n), "E0513", "write one of "+kinds+" behind it", "%s does not say which kind of %s it is", lastKey(c.path), q.Unit.Dim)
		return
	}
	d.fail(d.pos(n), "E0513", "write it like "+cl.example, "%s does not say whether it counts %s shares", lastKey(c.path), cl.kind)
}

func (d *decoder) badQuantity(n ast.Node, err error) {
	var e *units.Error
	if !errors.As(err, &e) {
		e = &units.Error{Reason: err.Error()}
	}
	d.fail(d.pos(n), "E0511", e.Cure, "%s", e.Reason)
}

// mayBeNegative lists the figures whose sign is not fixed.
var mayBeNegative = []string{"delivery_correlation", "net_cash", "delay", "said", "value", "amount", "escalator"}

// bounds holds a figure against what its unit allows.
func (d *decoder) bounds(f *contract.Figure, c context) {
	key := lastKey(c.path)
	pos := f.Pos
	switch {
	case key == "delivery_correlation":
		if f.Low < -1 || f.High > 1 {
			d.fail(pos, "E0525", "write a number from -1 to 1", "a correlation of %s is impossible", strings.TrimSpace(f.Text))
		}
	case key == "pue" && f.Low < 1:
		d.fail(pos, "E0525", "write facility power over critical-IT power, such as 1.2", "a PUE below 1 is impossible")
	case !slices.Contains(mayBeNegative, key) && f.Low < 0:
		d.fail(pos, "E0526", "check the sign", "%s is negative", key)
	case c.tag.Get("unit") == "ratio" && key != "vol" && (f.Low < 0 || f.High > 1):
		d.fail(pos, "E0525", "write a share from 0% to 100%", "%s is outside 0 to 1", key)
	case slices.Contains([]string{"term", "repay_over", "mw"}, key) && f.Low <= 0:
		d.fail(pos, "E0525", "write a value above zero", "%s must be above zero", key)
	}
}

// resolveSources gives each figure the mark of its source and reports ids that
// the file does not define.
func (d *decoder) resolveSources(deal *contract.Deal) {
	marks := map[string]contract.Source{}
	var ids []string
	for _, s := range deal.Sources {
		marks[s.ID] = s
		ids = append(ids, s.ID)
	}
	for _, f := range contract.Figures(deal) {
		if f.Source == "" {
			continue
		}
		s, ok := marks[f.Source]
		if !ok {
			cure := "define it under sources"
			if near := diag.Nearest(f.Source, ids); near != "" {
				cure = "did you mean " + near + "?"
			}
			d.fail(d.citePos[f.Path], "E0516", cure, "there is no source %q", f.Source)
			continue
		}
		if f.Mark == "" {
			f.Mark = s.Mark
		}
	}
}
