// Package graph shows who is bound to whom: companies joined by money, megawatts,
// shares and guarantees over many deals.
//
// In: computed deals. Out: nodes and edges, who depends on whom for how much, and
// the circles in which money comes back to where it started; as values for JSON
// and as a drawing.
package graph

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"wafer/internal/deal/analysis"
	"wafer/internal/deal/schedule"
	"wafer/internal/units"
)

// Kind is what flows along an edge.
type Kind string

// The kinds of flow.
const (
	Fees      Kind = "fees"       // dollars for capacity
	Capacity  Kind = "capacity"   // megawatts
	Given     Kind = "shares"     // shares given with a deal
	Purchase  Kind = "investment" // dollars for shares
	LoanMoney Kind = "loan"       // dollars lent
	Guarantee Kind = "guarantee"  // dollars guaranteed
)

// Kinds lists them in the order of legends and tables.
func Kinds() []Kind { return []Kind{Fees, Capacity, Given, Purchase, LoanMoney, Guarantee} }

// Node is a company.
type Node struct {
	ID    string   `json:"id"`
	Name  string   `json:"name"`
	Deals []string `json:"deals"`
}

// Edge is one flow of one deal. Amount is dollars, or megawatts for capacity; 0
// means that it is not public.
type Edge struct {
	From   string  `json:"from"`
	To     string  `json:"to"`
	Kind   Kind    `json:"kind"`
	Amount float64 `json:"amount"`
	Words  string  `json:"words"`
	Deal   string  `json:"deal"`
	Firm   bool    `json:"firm"` // not of a deal that binds nobody
}

// Graph is all of it.
type Graph struct {
	Nodes   []Node       `json:"nodes"`
	Edges   []Edge       `json:"edges"`
	Circles []Circle     `json:"circles"`
	Depends []Dependence `json:"concentration"`
}

// Circle is a way of money back to its start.
type Circle struct {
	Path  []string `json:"path"` // companies, the first not repeated
	Words []string `json:"words"`
	Least float64  `json:"least"` // the smallest flow on it, dollars; 0 if one is not public
}

// Dependence says how much of a company's known fees comes from or goes to one other.
type Dependence struct {
	Company string  `json:"company"`
	Role    string  `json:"role"` // earns or pays
	Total   float64 `json:"total"`
	Largest string  `json:"largest"`
	Share   float64 `json:"share"`
	HHI     float64 `json:"hhi"` // sum of squared shares, 0 to 1
	Others  int     `json:"counterparties"`
}

// Build joins computed deals.
func Build(rs []*analysis.Result) Graph {
	var g Graph
	names := map[string]int{}
	for _, r := range rs {
		for _, p := range r.Deal.Parties {
			i, ok := names[p.ID]
			if !ok {
				i = len(g.Nodes)
				names[p.ID] = i
				g.Nodes = append(g.Nodes, Node{ID: p.ID, Name: p.Name})
			}
			g.Nodes[i].Deals = append(g.Nodes[i].Deals, r.Deal.ID)
		}
		g.Edges = append(g.Edges, edges(r)...)
	}
	slices.SortFunc(g.Nodes, func(a, b Node) int { return cmp.Compare(a.ID, b.ID) })
	g.Circles = circles(g.Edges)
	g.Depends = depends(g.Edges)
	return g
}

func edges(r *analysis.Result) []Edge {
	d := r.Deal
	suppliers, customers := withRole(r, "supplier"), withRole(r, "customer")
	var out []Edge
	add := func(from, to string, k Kind, amount float64, format string, args ...any) {
		out = append(out, Edge{from, to, k, amount, fmt.Sprintf(format, args...), d.ID, d.Binding != "none"})
	}
	fees := feesOf(r)
	mw := 0.0
	for _, c := range r.Schedule.Cohorts {
		mw += c.MW
	}
	for _, s := range suppliers {
		for _, c := range customers {
			share := 1 / float64(len(suppliers)*len(customers)) // a joint deal is split evenly: nothing better is public
			if fees > 0 || mw > 0 || d.Headline.Total.Undisclosed == "" {
				add(c, s, Fees, fees*share, "%s for capacity", amountWords(fees*share))
			}
			if mw > 0 {
				add(s, c, Capacity, mw*share, "%s MW %s", units.Group(mw*share), r.Schedule.MWKind)
			}
		}
	}
	for i := range r.Equity.Blocks {
		b := &r.Equity.Blocks[i]
		switch {
		case b.Given():
			v := b.Today.Total
			if !b.Today.Known {
				v = b.GrantTotal
			}
			add(b.Equity.Issuer, b.Equity.Holder, Given, v, "%s shares (%s), block %s", units.Group(b.Count), amountWords(v), b.ID)
		case b.Amount > 0:
			add(b.Equity.Holder, b.Equity.Issuer, Purchase, b.Amount, "%s for shares, block %s", amountWords(b.Amount), b.ID)
		default:
			add(b.Equity.Holder, b.Equity.Issuer, Purchase, 0, "holds %s", b.Equity.Percent)
		}
	}
	for _, l := range d.Finance.Loans {
		add(l.Lender, l.Borrower, LoanMoney, l.Principal.Base, "%s loan", amountWords(l.Principal.Base))
	}
	for _, b := range d.Finance.Backstops {
		add(b.Guarantor, b.For, Guarantee, b.Amount.Base, "guarantees %s", amountWords(b.Amount.Base))
	}
	return out
}

// feesOf is what the base case pays, or the announced total when it cannot be laid
// out by quarter.
func feesOf(r *analysis.Result) float64 {
	if v := schedule.Sum(r.Schedule.Fees) + schedule.Sum(r.Schedule.Pass); v > 0 {
		return v
	}
	return r.Deal.Headline.Total.Or(0)
}

func amountWords(v float64) string {
	if v == 0 {
		return "an amount that is not public"
	}
	return units.MoneyText(v)
}

func withRole(r *analysis.Result, role string) []string {
	var out []string
	for _, p := range r.Deal.Parties {
		if slices.Contains(p.Roles, role) {
			out = append(out, p.ID)
		}
	}
	return out
}

// money reports whether an edge moves dollars from From to To.
func (e Edge) money() bool { return e.Kind == Fees || e.Kind == Purchase || e.Kind == LoanMoney }

// maxCircle bounds the length of circles: longer ones join deals that have little
// to do with each other.
const maxCircle = 4

// Merge adds up the edges of one kind between the same two companies, those that
// bind apart from those that do not.
func Merge(es []Edge) []Edge {
	var out []Edge
	at := map[string]int{}
	for _, e := range es {
		key := fmt.Sprintf("%s>%s>%s>%v", e.From, e.To, e.Kind, e.Firm)
		if i, ok := at[key]; ok {
			out[i].Amount += e.Amount
			out[i].Words += "; " + e.Words
			continue
		}
		at[key] = len(out)
		out = append(out, e)
	}
	return out
}

// circles follows money until it comes back. Each circle is found once, from its
// alphabetically first company.
func circles(es []Edge) []Circle {
	next := map[string][]Edge{}
	for _, e := range Merge(slices.DeleteFunc(slices.Clone(es), func(e Edge) bool { return !e.money() || !e.Firm })) {
		next[e.From] = append(next[e.From], e)
	}
	var out []Circle
	var walk func(start string, path []Edge)
	walk = func(start string, path []Edge) {
		at := path[len(path)-1].To
		if at == start {
			out = append(out, circle(path))
			return
		}
		if len(path) == maxCircle || at < start {
			return
		}
		for _, e := range path {
			if e.From == at {
				return
			}
		}
		for _, e := range next[at] {
			walk(start, append(slices.Clone(path), e))
		}
	}
	starts := make([]string, 0, len(next))
	for s := range next {
		starts = append(starts, s)
	}
	slices.Sort(starts)
	for _, s := range starts {
		for _, e := range next[s] {
			walk(s, []Edge{e})
		}
	}
	slices.SortStableFunc(out, func(a, b Circle) int {
		return cmp.Or(cmp.Compare(len(a.Path), len(b.Path)), cmp.Compare(b.Least, a.Least), slices.Compare(a.Path, b.Path))
	})
	return out
}

func circle(path []Edge) Circle {
	c := Circle{Least: path[0].Amount}
	for _, e := range path {
		c.Path = append(c.Path, e.From)
		c.Words = append(c.Words, fmt.Sprintf("%s → %s: %s", e.From, e.To, e.Words))
		c.Least = min(c.Least, e.Amount)
	}
	return c
}

// depends measures concentration of known fees on both sides.
func depends(es []Edge) []Dependence {
	type side struct{ company, role string }
	by := map[side]map[string]float64{}
	for _, e := range es {
		if e.Kind != Fees || e.Amount == 0 || !e.Firm {
			continue
		}
		for _, x := range []struct {
			s     side
			other string
		}{{side{e.To, "earns"}, e.From}, {side{e.From, "pays"}, e.To}} {
			if by[x.s] == nil {
				by[x.s] = map[string]float64{}
			}
			by[x.s][x.other] += e.Amount
		}
	}
	var out []Dependence
	for s, parts := range by {
		d := Dependence{Company: s.company, Role: s.role, Others: len(parts)}
		others := make([]string, 0, len(parts))
		for o := range parts {
			others = append(others, o)
		}
		slices.Sort(others)
		for _, o := range others {
			d.Total += parts[o]
			if d.Largest == "" || parts[o] > parts[d.Largest] {
				d.Largest = o
			}
		}
		for _, o := range others {
			x := parts[o] / d.Total
			d.HHI += x * x
		}
		d.Share = parts[d.Largest] / d.Total
		out = append(out, d)
	}
	slices.SortFunc(out, func(a, b Dependence) int {
		return cmp.Or(strings.Compare(b.Role, a.Role), cmp.Compare(b.Total, a.Total), cmp.Compare(a.Company, b.Company))
	})
	return out
}
