package graph

import (
	"fmt"
	"html"
	"math"
	"strings"

	"wafer/internal/units"
)

// The drawing: companies on a ring, flows as curves through it. Those with most
// partners are spread evenly, so that their curves do not share one side.
const (
	wide, high = 1400.0, 1100.0
	ringRadius = 410.0
	nodeRadius = 16.0
)

const svgStyle = `<style>
svg{--bg:#fbfbf9;--ink:#1c1f24;--muted:#5d6673;--fees:#2f6db5;--capacity:#9aa3ad;--shares:#d97f1f;--investment:#3a8f62;--loan:#a05cb0;--guarantee:#c9524f;background:var(--bg);font-family:system-ui,"Liberation Sans",sans-serif}
@media (prefers-color-scheme:dark){svg{--bg:#14171b;--ink:#e7e9ec;--muted:#9aa4b2;--fees:#5b9be6;--capacity:#5c6570;--shares:#eba95c;--investment:#63bd8b;--loan:#bd82cd;--guarantee:#e27672}}
.bg{fill:var(--bg)}
.name{fill:var(--ink);font-size:16px;font-weight:600}.sub{fill:var(--muted);font-size:12px}.node{fill:var(--ink)}
.title{fill:var(--ink);font-size:22px;font-weight:650}
.amount{fill:var(--ink);font-size:11.5px;paint-order:stroke;stroke:var(--bg);stroke-width:3.5px}
.flow{fill:none;stroke-opacity:.85}.loose{stroke-dasharray:6 5}
</style>`

type point struct{ x, y float64 }

// SVG draws the graph as a file of its own, light or dark with its viewer.
func SVG(g Graph, title string) string {
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %g %g" role="img" aria-label="%s">`, wide, high, html.EscapeString(title))
	b.WriteString(svgStyle)
	fmt.Fprintf(&b, `<rect class="bg" width="%g" height="%g"/>`, wide, high)
	b.WriteString("<defs>")
	for _, k := range Kinds() {
		fmt.Fprintf(&b, `<marker id="to-%s" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="11" markerHeight="11" markerUnits="userSpaceOnUse" orient="auto"><path d="M0 0L10 5L0 10z" style="fill:var(--%s)"/></marker>`, k, k)
	}
	b.WriteString("</defs>")
	fmt.Fprintf(&b, `<text class="title" x="32" y="44">%s</text>`, html.EscapeString(title))
	at := ring(g)
	merged := Merge(g.Edges)
	for _, e := range merged {
		curve(&b, e, at)
	}
	for _, e := range merged {
		amount(&b, e, at)
	}
	for _, n := range g.Nodes {
		company(&b, n, at[n.ID])
	}
	legend(&b)
	b.WriteString("</svg>")
	return b.String()
}

// ring places companies: hubs first, at equal distances, the others between them
// next to the hub they deal with most.
func ring(g Graph) map[string]point {
	order := ringOrder(g)
	at := map[string]point{}
	for i, id := range order {
		a := 2*math.Pi*float64(i)/float64(len(order)) - math.Pi/2
		at[id] = point{wide/2 + ringRadius*1.18*math.Cos(a), high/2 + 10 + ringRadius*math.Sin(a)}
	}
	return at
}

// ringOrder starts with the nodes in order and swaps pairs while that shortens the
// sum of all curves; a small graph settles in a few rounds.
func ringOrder(g Graph) []string {
	var order []string
	for _, n := range g.Nodes {
		order = append(order, n.ID)
	}
	pairs := Merge(g.Edges)
	n := len(order)
	cost := func() float64 {
		place := map[string]int{}
		for i, id := range order {
			place[id] = i
		}
		sum := 0.0
		for _, e := range pairs {
			d := place[e.From] - place[e.To]
			if d < 0 {
				d = -d
			}
			sum += float64(min(d, n-d))
		}
		return sum
	}
	best := cost()
	const rounds = 20
	for range rounds {
		better := false
		for i := range n {
			for j := i + 1; j < n; j++ {
				order[i], order[j] = order[j], order[i]
				if c := cost(); c < best {
					best, better = c, true
					continue
				}
				order[i], order[j] = order[j], order[i]
			}
		}
		if !better {
			break
		}
	}
	return order
}

// lane bends the kinds of flow between two companies apart; the two directions
// bend to different sides by themselves.
func lane(k Kind) float64 {
	for i, x := range Kinds() {
		if x == k {
			return 26 + 24*float64(i)
		}
	}
	return 0
}

// control is the middle point of a curve, pulled to its left and to the centre.
func control(from, to point, k Kind) point {
	mx, my := (from.x+to.x)/2, (from.y+to.y)/2
	dx, dy := to.x-from.x, to.y-from.y
	l := math.Max(math.Hypot(dx, dy), 1)
	bend := lane(k)
	const pull = 0.18 // towards the centre: neighbours' curves stay inside the ring
	return point{mx + dy/l*bend + pull*(wide/2-mx), my - dx/l*bend + pull*(high/2-my)}
}

func width(e Edge) float64 {
	amount := e.Amount
	if e.Kind == Capacity {
		amount *= 12e6 // a megawatt-year at the middle price, so that widths compare
	}
	if amount <= 0 {
		return 1.2
	}
	return 1.2 + 1.5*math.Max(math.Log10(amount/1e8), 0)
}

func curve(b *strings.Builder, e Edge, at map[string]point) {
	from, to := at[e.From], at[e.To]
	c := control(from, to, e.Kind)
	from, to = trim(from, c), trim(to, c)
	class := "flow"
	if !e.Firm {
		class += " loose"
	}
	fmt.Fprintf(b, `<path class="%s" style="stroke:var(--%s)" stroke-width="%.1f" marker-end="url(#to-%s)" d="M%.1f %.1fQ%.1f %.1f %.1f %.1f"><title>%s → %s, %s: %s</title></path>`,
		class, e.Kind, width(e), e.Kind, from.x, from.y, c.x, c.y, to.x, to.y, html.EscapeString(e.From), html.EscapeString(e.To), e.Kind, html.EscapeString(e.Words))
}

// trim moves an end of a curve out of its node.
func trim(p, c point) point {
	dx, dy := c.x-p.x, c.y-p.y
	l := math.Max(math.Hypot(dx, dy), 1)
	return point{p.x + dx/l*(nodeRadius+3), p.y + dy/l*(nodeRadius+3)}
}

func amount(b *strings.Builder, e Edge, at map[string]point) {
	if e.Amount == 0 {
		return
	}
	from, to := at[e.From], at[e.To]
	c := control(from, to, e.Kind)
	t := 0.32 + 0.002*lane(e.Kind) // short of the middle, where the other direction has its own
	x := (1-t)*(1-t)*from.x + 2*t*(1-t)*c.x + t*t*to.x
	y := (1-t)*(1-t)*from.y + 2*t*(1-t)*c.y + t*t*to.y
	words := units.MoneyText(e.Amount)
	if e.Kind == Capacity {
		words = units.Format(e.Amount/1e3, units.None) + " GW"
	}
	fmt.Fprintf(b, `<text class="amount" x="%.1f" y="%.1f" text-anchor="middle">%s</text>`, x, y+4, words)
}

func company(b *strings.Builder, n Node, p point) {
	fmt.Fprintf(b, `<circle class="node" cx="%.1f" cy="%.1f" r="%g"><title>%s: %s</title></circle>`, p.x, p.y, nodeRadius, html.EscapeString(n.Name), html.EscapeString(strings.Join(n.Deals, ", ")))
	dx, dy := p.x-wide/2, p.y-high/2
	l := math.Max(math.Hypot(dx, dy), 1)
	x, y := p.x+dx/l*30, p.y+dy/l*30
	anchor := "middle"
	switch {
	case dx > 60:
		anchor = "start"
	case dx < -60:
		anchor = "end"
	}
	fmt.Fprintf(b, `<text class="name" x="%.1f" y="%.1f" text-anchor="%s">%s</text>`, x, y+5, anchor, html.EscapeString(n.Name))
}

func legend(b *strings.Builder) {
	words := map[Kind]string{
		Fees: "fees for capacity", Capacity: "megawatts", Given: "shares given with the deal", Purchase: "money for shares", LoanMoney: "loan", Guarantee: "guarantee",
	}
	x := 32.0
	for _, k := range Kinds() {
		fmt.Fprintf(b, `<path class="flow" style="stroke:var(--%s)" stroke-width="4" d="M%g %gh26"/>`, k, x, high-28)
		fmt.Fprintf(b, `<text class="sub" x="%g" y="%g">%s</text>`, x+32, high-24, words[k])
		x += 50 + 7*float64(len(words[k]))
	}
	fmt.Fprintf(b, `<text class="sub" x="%g" y="%g">dashed: binds nobody</text>`, x, high-24)
}
