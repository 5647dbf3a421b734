package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"wafer/internal/diag"
	"wafer/internal/llm/embedded"
	"wafer/internal/llm/graph"
	"wafer/internal/llm/place"
	"wafer/internal/llm/pull"
	"wafer/internal/machine"
	"wafer/internal/units"
)

// ModelCmd is the verb `wafer model`: what a model is and how it lies on a wafer.
type ModelCmd struct {
	Show    ModelShowCmd    `cmd:"" help:"Print a model and how it lies on the wafer."`
	Pull    ModelPullCmd    `cmd:"" help:"Fetch the weights of a known model; without a name, list them."`
	Time    ModelTimeCmd    `cmd:"" help:"Simulate steps of a model, with or without its weights, and print their cycles."`
	Compile ModelCompileCmd `cmd:"" help:"Write the CSL project of a model for cslc and cs_python."`
}

// target is a model on a machine; verbs that place a model share these flags.
type target struct {
	Model   string `arg:"" optional:"" help:"Model file, name of a pulled model, or a published shape such as llama-3.2-1b; the built-in model if not given."`
	Machine string `help:"Machine: wse2, wse3, wse3-silicon or a YAML file." default:"wse3"`
	Context int    `help:"Positions to make room for; 0 for ${default_context}, or less if the model was trained for less." placeholder:"N"`
	Cols    int    `help:"Columns of a layer; 0 lets the placement choose the shape." placeholder:"N"`
	Rows    int    `help:"Rows of a layer, with --cols." placeholder:"N"`
	Table   int    `help:"Columns of the embedding and of the head, with --cols." placeholder:"N"`
}

// shape gives the description of the model, without weights where only that is
// known, and the machine.
func (t *target) shape() (graph.Model, *machine.Machine, error) {
	m, err := openMachine(t.Machine)
	if err != nil {
		return graph.Model{}, nil, err
	}
	if t.Model != "" && t.Model != embedded.Name {
		if g, err := graph.Published(t.Model); err == nil {
			return g, m, nil
		}
	}
	b, err := openModel(t.Model)
	if err != nil {
		return graph.Model{}, nil, t.explain(err)
	}
	return b.Weights.Model, m, b.Close()
}

// explain adds the published shapes to the message about an unknown name.
func (t *target) explain(err error) error {
	d := diag.Diagnostic{}
	if !errors.As(err, &d) || d.Pos.File != "" {
		return err
	}
	if near := diag.Nearest(t.Model, graph.PublishedNames()); near != "" {
		d.Cure = "did you mean " + near + "? " + d.Cure
	}
	d.Cure += "; published shapes: " + strings.Join(graph.PublishedNames(), ", ")
	return d
}

// room is the context to place for.
func (t *target) room(m graph.Model) (int, error) {
	switch {
	case t.Context < 0 || t.Context > m.Context:
		return 0, diag.Diagnostic{Code: codePrompt, Message: fmt.Sprintf("%s was trained for %d positions, and --context asks for %d", m.Name, m.Context, t.Context), Cure: "ask for 1 to as many"}
	case t.Context == 0:
		return min(m.Context, defaultContext), nil
	}
	return t.Context, nil
}

// plan places the model.
func (t *target) plan(m graph.Model, mach *machine.Machine) (place.Plan, error) {
	room, err := t.room(m)
	if err != nil {
		return place.Plan{}, err
	}
	if t.Cols == 0 {
		return place.Choose(m, mach, room)
	}
	p, err := place.New(m, place.Shape{Cols: t.Cols, Rows: t.Rows, Table: t.Table}, room)
	if err == nil {
		err = p.Check(mach)
	}
	if err == nil {
		p = p.WithLot(mach)
	}
	return p, err
}

// ModelPullCmd fetches weights.
type ModelPullCmd struct {
	Name string `arg:"" optional:"" help:"Name of the model."`
	JSON bool   `help:"Print JSON."`
}

// Run lists or fetches.
func (c *ModelPullCmd) Run(ctx context.Context, io Streams) error {
	if c.Name == "" {
		return c.list(io.Out)
	}
	m, err := pull.Find(c.Name)
	if err != nil {
		return err
	}
	tty := newProgress(io.Err).w != nil
	path, err := pull.Pull(ctx, m, pull.Options{Progress: func(e pull.Event) {
		if tty {
			fmt.Fprintf(io.Err, "\r\033[K%s: %.0f of %.0f MB", m.Name, float64(e.Done)/1e6, float64(e.Total)/1e6)
		}
	}})
	if tty {
		fmt.Fprint(io.Err, "\r\033[K")
	}
	if err != nil {
		return err
	}
	if c.JSON {
		return json.NewEncoder(io.Out).Encode(map[string]string{"name": m.Name, "path": path})
	}
	_, err = fmt.Fprintf(io.Out, "%s\nrun it: wafer run --model %s\n", path, m.Name)
	return err
}

func (c *ModelPullCmd) list(w io.Writer) error {
	if c.JSON {
		return json.NewEncoder(w).Encode(pull.Catalogue())
	}
	dir, err := pull.Dir()
	for _, m := range pull.Catalogue() {
		have := ""
		if _, ok := pull.Stored(m, dir); ok && err == nil {
			have = ", fetched"
		}
		fmt.Fprintf(w, "%-24s %s, %.0f MB, %s%s\n", m.Name, m.About, float64(m.Size)/1e6, m.Licence, have)
	}
	return nil
}

// ModelShowCmd prints a placement.
type ModelShowCmd struct {
	target
	SVG  string `help:"Draw the floor plan of the wafer." type:"path" placeholder:"FILE"`
	JSON bool   `help:"Print JSON."`
}

// modelReport is what show prints.
type modelReport struct {
	Model    graph.Model `json:"model"`
	Params   int64       `json:"params"`
	Machine  string      `json:"machine"`
	Context  int         `json:"context"`
	Plan     runPlan     `json:"plan"`
	Cores    int         `json:"cores"`
	Share    float64     `json:"share_of_wafer"`
	Layer    int         `json:"layer_bytes_per_core"`
	Table    int         `json:"table_bytes_per_core"`
	Hops     int         `json:"hops_between_layers"`
	Estimate int64       `json:"estimated_cycles_per_token"`
}

// Run prints and draws.
func (c *ModelShowCmd) Run(io Streams) error {
	m, mach, err := c.shape()
	if err != nil {
		return err
	}
	p, err := c.plan(m, mach)
	if err != nil {
		return err
	}
	r := modelReport{
		Model: m, Params: m.Params(), Machine: mach.Name, Context: p.Context(),
		Plan:  runPlan{m.Layers, p.Cols, p.Rows, p.Table, p.W(), p.H(), p.Context()},
		Cores: p.Cores(), Share: float64(p.Cores()) / float64(mach.RectW*mach.RectH),
		Layer: 2 * p.LayerWords(), Table: 2 * p.TableWords(), Hops: p.Cols, Estimate: p.Estimate(mach),
	}
	if c.SVG != "" {
		if err := toFile(c.SVG, floorPlan(p, mach).write); err != nil {
			return err
		}
	}
	if c.JSON {
		return json.NewEncoder(io.Out).Encode(r)
	}
	return r.print(io.Out, p, mach)
}

func (r *modelReport) print(w io.Writer, p place.Plan, mach *machine.Machine) error {
	var b strings.Builder
	m := r.Model
	line := func(name, format string, args ...any) {
		fmt.Fprintf(&b, "%-10s %s\n", name, fmt.Sprintf(format, args...))
	}
	line("model", "%s: %s weights, %s family, %d layers of width %d, %d query and %d key heads of %d, inner width %d, vocabulary %d",
		m.Name, units.Group(float64(r.Params)), m.Family, m.Layers, m.Dim, m.Heads, m.KVHeads, m.HeadDim, m.FFN, m.Vocab)
	line("steps", "%s", strings.Join(place.Steps(m), ", "))
	line("wafer", "%s: %s of %s cores, %.1f %%, a rectangle of %d × %d", mach.Name, units.Group(float64(r.Cores)),
		units.Group(float64(mach.RectW*mach.RectH)), 100*r.Share, p.W(), p.H())
	line("layer", "%d × %d cores; a row has %d values of the stream, a column %d of a key head and %d inner ones", p.Cols, p.Rows, p.In, p.HD, p.FFN)
	line("table", "%d × %d cores each for embedding and head; %d tokens a column", p.Table, p.Rows, p.Words)
	line("memory", "of %d KB a core: a layer's takes %.1f, a table's at most %.1f; room for %d positions",
		2*mach.Core.SRAMWords/1024, kb(r.Layer), kb(r.Table), r.Context)
	line("way", "%d hops from layer to layer, %d from end to end", r.Hops, p.W())
	line("estimate", "about %s cycles a token, %s tokens/s; wafer model time measures it",
		units.Group(float64(r.Estimate)), units.Group(float64(mach.ClockMHz)*1e6/float64(r.Estimate)))
	_, err := io.WriteString(w, b.String())
	return err
}
