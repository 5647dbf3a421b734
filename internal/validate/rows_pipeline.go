package validate

import (
	"context"
	"fmt"
)

// Pieces of scalar_pe.csl by number.
const (
	pieceLoop = iota
	pieceDot
	pieceDependent
	pieceIndependent
	pieceTiles
	pieceJumped
	piecePassed
	pieceBlocked
	pieceOneOp
	pieceMapped
)

// pipelineRows are figures of single instructions and of small loops.
func pipelineRows() []Row {
	const profile, src = "wse3", "FABRICA"
	row := func(id, what string, published, tolerance float64, unit, note string, f func(context.Context, *bench) (float64, error)) Row {
		return Row{
			ID: "core/" + id, Group: "instructions", What: what, Profile: profile, Source: src, Kind: Measured, Published: published,
			Unit: unit, Tolerance: tolerance, Required: true, Effort: Quick, Conditions: note, measure: f,
		}
	}
	rows := []Row{
		row("fp-dependent", "dependent f32 addition", 2, 0.02, "cycles each", "", slope(piece(profile, pieceDependent), 32, 128)),
		row("fp-independent", "independent f32 addition", 1, 0.02, "cycles each", "", slope(piece(profile, pieceIndependent), 32, 128)),
		row("branch-taken", "branch taken", 6, 0.02, "cycles each", "on a flag in a register", slope(piece(profile, pieceJumped), 16, 64)),
		row("branch-not-taken", "branch not taken and the instruction it guards", 4, 0.02, "cycles each", "3 for the branch, 1 for the instruction", slope(piece(profile, piecePassed), 16, 64)),
		row("loop", "empty loop", 9.5, 0.10, "cycles a turn", "published as 9 to 10 for compare, counter and jump", slope(piece(profile, pieceLoop), 32, 128)),
		row("dot-loop", "scalar product in a loop, f16", 23.5, 0.10, "cycles an element", "published as 22 to 25", slope(piece(profile, pieceDot), 32, 128)),
		row("sync-blocks", "2,048-element addition, then 257 dependent additions", 1027, 0.02, "cycles", "published as 514 + 514: the core does not go on meanwhile", span(piece(profile, pieceBlocked)(257))),
		row("tiles/one", "4,096 multiply-adds in one operation", 1040, 0.02, "cycles", "", span(piece(profile, pieceOneOp)(0))),
		row("tiles/while", "4,096 multiply-adds, 16 an operation, in a loop", 4617, 0.10, "cycles", "registers keep their place; whether the source's program does so is not said", span(piece(profile, pieceTiles)(0))),
		row("tiles/map", "4,096 multiply-adds, 16 an operation, in a @map", 2840, 0.10, "cycles", "", span(piece(profile, pieceMapped)(0))),
	}
	for i := range rows {
		if rows[i].ID == "core/dot-loop" {
			rows[i].Kind, rows[i].Required = Plausibility, false // the source's loop is not public
		}
	}
	rows = append(rows, row("send/b8", "8 words to the neighbour, from the reading of the clock to the task at the end", 23, 0.10, "cycles",
		"published: 19 from dispatch to task; the reading and two register loads and an address come before", span(relay(1, 8))))
	return append(rows, relayRows()...)
}

// piece gives the program of one piece of code for a count.
func piece(profile string, kind int) func(count int) program {
	return func(count int) program {
		return program{file: "scalar.csl", profile: profile, w: 1, h: 1, params: fmt.Sprintf("kind:%d,count:%d", kind, count)}
	}
}

// slope is what one more costs: the difference between two counts.
func slope(p func(count int) program, few, many int) func(context.Context, *bench) (float64, error) {
	return func(ctx context.Context, b *bench) (float64, error) {
		low, err := b.run(ctx, p(few))
		if err != nil {
			return 0, err
		}
		high, err := b.run(ctx, p(many))
		if err != nil {
			return 0, err
		}
		return float64(high.span-low.span) / float64(many-few), nil
	}
}

func relay(hops, words int) program {
	return program{
		file: "relay.csl", profile: "wse3", w: hops + 1, h: 1, results: words, prepare: words,
		params: fmt.Sprintf("width:%d,words:%d", hops+1, words),
	}
}

// relayRows: store and forward of B words over N cores takes 1.001·N·B + 16.1·N +
// 16.5 cycles, eight points within 4 %. The constant holds the source's way of
// starting, which is not published, so the whole is shown and the stage judged.
func relayRows() []Row {
	var rows []Row
	add := func(id, what string, published float64, required bool, f func(context.Context, *bench) (float64, error)) {
		rows = append(rows, Row{
			ID: "core/relay/" + id, Group: "relay", What: what, Profile: "wse3", Source: "FABRICA", Kind: Measured, Published: published,
			Unit: "cycles", Tolerance: 0.04, Required: required, Effort: Quick, measure: f,
			Conditions: "the source's eight points lie within 4 % of its line; which they are is not published",
		})
	}
	for _, b := range []int{16, 64, 256} {
		add(fmt.Sprintf("stage/b%d", b), fmt.Sprintf("one more core, %d words", b), 1.001*float64(b)+16.1, true,
			slope(func(n int) program { return relay(n, b) }, 8, 16))
	}
	for _, n := range []int{1, 4, 16} {
		for _, b := range []int{16, 256} {
			add(fmt.Sprintf("n%d/b%d", n, b), fmt.Sprintf("store and forward, %d words, %d hops", b, n),
				1.001*float64(n*b)+16.1*float64(n)+16.5, false, span(relay(n, b)))
		}
	}
	return rows
}
