package report

import (
	"strings"

	"wafer/internal/deal/graph"
	"wafer/internal/units"
)

// GraphTables lists flows, circles and concentration.
func GraphTables(g graph.Graph) []Table {
	flows := Table{ID: "flows", Title: "Who is bound to whom", Head: []string{"from", "to", "what", "amount", "deal", "words"}}
	for _, e := range g.Edges {
		amount := text("-")
		if e.Amount > 0 {
			amount = num(e.Amount, units.Money)
		}
		if e.Kind == graph.Capacity {
			amount = num(e.Amount, units.Power)
		}
		flows.Rows = append(flows.Rows, []Cell{text(e.From), text(e.To), text(string(e.Kind)), amount, text(e.Deal), text(e.Words)})
	}
	circles := Table{ID: "circles", Title: "Money that comes back", Head: []string{"companies", "smallest flow", "how"}, Note: "Fees, investments and loans of deals that bind somebody; circles of up to four companies. Timing is not considered."}
	for _, c := range g.Circles {
		least := text("-")
		if c.Least > 0 {
			least = num(c.Least, units.Money)
		}
		circles.Rows = append(circles.Rows, []Cell{text(strings.Join(append(c.Path, c.Path[0]), " → ")), least, text(strings.Join(c.Words, "; "))})
	}
	conc := Table{ID: "concentration", Title: "Concentration of known fees", Head: []string{"company", "role", "total", "largest partner", "its share", "HHI", "partners"}}
	for _, d := range g.Depends {
		conc.Rows = append(conc.Rows, []Cell{text(d.Company), text(d.Role), num(d.Total, units.Money), text(d.Largest), num(d.Share, units.Ratio), plain(d.HHI, 2), plain(float64(d.Others), 0)})
	}
	conc.Note = "Only the deals of the library are counted, each at its base case or announced total."
	return []Table{flows, circles, conc}
}
