// Package ref is the reference forward pass: a plain float32 transformer whose
// every step can be checked by reading it.
//
// In: a checkpoint and token ids. Out: logits. It keeps all weights as float32,
// sums every dot product in float64 (a product of two float32 is exact there, so
// fused and unfused hosts agree, and what is left of rounding is far below that
// of any format a wafer computes in) and rounds each result to float32. It is
// the measure for faster engines, not one of them.
//
// One token passes through: embedding; for each layer norm → query, key, value →
// rotation → attention over the cache → output, added to the stream, then norm →
// gated feed-forward, added; last norm; head.
package ref

import (
	"fmt"
	"math"

	"wafer/internal/check"
	"wafer/internal/diag"
	"wafer/internal/llm/graph"
	"wafer/internal/llm/tokenize"
)

// codeInput is a mistake in the tokens given to a model.
const codeInput diag.Code = "M1401"

// Net is a model with its weights in memory. It is immutable.
type Net struct {
	Model graph.Model
	// Workers is how many goroutines share the rows of a product; the result does
	// not depend on it.
	Workers int

	whole  map[graph.Role][]float32
	layers []map[graph.Role][]float32
}

// Load reads all weights of a checkpoint.
func Load(c *graph.Checkpoint, workers int) (*Net, error) {
	n := &Net{Model: c.Model, Workers: max(1, workers), whole: map[graph.Role][]float32{}}
	for range c.Model.Layers {
		n.layers = append(n.layers, map[graph.Role][]float32{})
	}
	for _, t := range c.Model.Tensors() {
		w, err := c.Floats(t.Role, t.Layer)
		if err != nil {
			return nil, err
		}
		if t.Layer == graph.Whole {
			n.whole[t.Role] = w
		} else {
			n.layers[t.Layer][t.Role] = w
		}
	}
	if c.Model.TiedHead {
		n.whole[graph.Head] = n.whole[graph.Embed]
	}
	return n, nil
}

// State is one sequence: the keys and values of all its tokens so far.
type State struct {
	keys, values [][]float32 // by layer, KVWidth numbers a token
	n            int
}

// New starts an empty sequence.
func (n *Net) New() *State {
	return &State{keys: make([][]float32, n.Model.Layers), values: make([][]float32, n.Model.Layers)}
}

// Len is the number of tokens in the sequence.
func (s *State) Len() int { return s.n }

// Forward appends ids to the sequence and gives the logits after each of them.
func (n *Net) Forward(s *State, ids []tokenize.ID) ([][]float32, error) {
	x, err := n.run(s, ids)
	if err != nil {
		return nil, err
	}
	return n.logits(x), nil
}

// Last is Forward for a prompt of which only the last logits matter.
func (n *Net) Last(s *State, ids []tokenize.ID) ([]float32, error) {
	x, err := n.run(s, ids)
	if err != nil {
		return nil, err
	}
	return n.logits(x[len(x)-1:])[0], nil
}

func (n *Net) logits(x [][]float32) [][]float32 {
	m := n.Model
	out := n.matmul(n.whole[graph.Head], m.Vocab, n.norms(x, n.whole[graph.OutNorm]))
	for _, l := range out {
		softcap(l, m.LogitCap)
	}
	return out
}

// run gives the residual stream after the last layer.
func (n *Net) run(s *State, ids []tokenize.ID) ([][]float32, error) {
	m := n.Model
	switch {
	case len(ids) == 0:
		return nil, diag.Diagnostic{Code: codeInput, Message: "there are no tokens to compute", Cure: "give a prompt, or a begin token"}
	case s.n+len(ids) > m.Context:
		return nil, diag.Diagnostic{
			Code:    codeInput,
			Message: fmt.Sprintf("%d tokens are more than the context of %d that %s was trained for", s.n+len(ids), m.Context, m.Name),
			Cure:    "shorten the prompt or ask for fewer tokens",
		}
	}
	x := make([][]float32, len(ids))
	for i, id := range ids {
		if id < 0 || int(id) >= m.Vocab {
			return nil, diag.Diagnostic{Code: codeInput, Message: fmt.Sprintf("token %d is outside the vocabulary of %d", id, m.Vocab), Cure: "use the tokenizer of the same model"}
		}
		x[i] = make([]float32, m.Dim)
		for j, w := range n.whole[graph.Embed][int(id)*m.Dim:][:m.Dim] {
			x[i][j] = w * m.EmbedScale
		}
	}
	for l := range m.Layers {
		n.attention(s, l, x)
		n.feedForward(l, x)
	}
	s.n += len(ids)
	return x, nil
}

// attention adds the attention block of layer l to x.
func (n *Net) attention(s *State, l int, x [][]float32) {
	m, w := n.Model, n.layers[l]
	h := n.norms(x, w[graph.AttnNorm])
	q := n.matmul(w[graph.Q], m.QWidth(), h)
	k := n.matmul(w[graph.K], m.KVWidth(), h)
	v := n.matmul(w[graph.V], m.KVWidth(), h)
	turn := rotation(m.LayerRope(l))
	for i := range x {
		addTo(q[i], w[graph.QBias])
		addTo(k[i], w[graph.KBias])
		addTo(v[i], w[graph.VBias])
		n.eachHead(q[i], w[graph.QNorm], turn, s.n+i)
		n.eachHead(k[i], w[graph.KNorm], turn, s.n+i)
		s.keys[l] = append(s.keys[l], k[i]...)
		s.values[l] = append(s.values[l], v[i]...)
	}
	mixed := make([][]float32, len(x))
	parallel(n.Workers, len(x), func(i int) { mixed[i] = n.mix(s, l, q[i], s.n+i) })
	o := n.matmul(w[graph.O], m.Dim, mixed)
	if m.PostNorm {
		o = n.norms(o, w[graph.PostAttnNorm])
	}
	for i := range x {
		addTo(x[i], o[i])
	}
}

// eachHead normalises (if the model does) and turns the heads of one token.
func (n *Net) eachHead(v, norm []float32, turn func(head []float32, pos int), pos int) {
	d := n.Model.HeadDim
	for at := 0; at < len(v); at += d {
		head := v[at : at+d]
		if norm != nil {
			copy(head, n.norm(head, norm))
		}
		turn(head, pos)
	}
}

// mix is softmax(q·k)·v for all heads of one token at position pos.
func (n *Net) mix(s *State, l int, q []float32, pos int) []float32 {
	m := n.Model
	d, kv := m.HeadDim, m.KVWidth()
	first := 0
	if win := m.LayerWindow(l); win > 0 {
		first = max(0, pos-win+1)
	}
	out := make([]float32, len(q))
	scores := make([]float32, pos+1-first)
	for h := range m.Heads {
		at := h / (m.Heads / m.KVHeads) * d // the key head that this query head shares
		for p := range scores {
			key := s.keys[l][(first+p)*kv+at:][:d]
			scores[p] = dot(q[h*d:][:d], key) * m.AttnScale
		}
		softcap(scores, m.AttnCap)
		softmax(scores)
		for j := range d {
			sum := 0.0
			for p, w := range scores {
				product := float64(w) * float64(s.values[l][(first+p)*kv+at+j])
				sum += product
			}
			out[h*d+j] = float32(sum)
		}
	}
	return out
}

// feedForward adds down(act(gate)·up) of layer l to x.
func (n *Net) feedForward(l int, x [][]float32) {
	m, w := n.Model, n.layers[l]
	h := n.norms(x, w[graph.FFNNorm])
	gate := n.matmul(w[graph.Gate], m.FFN, h)
	up := n.matmul(w[graph.Up], m.FFN, h)
	for i := range gate {
		for j, g := range gate[i] {
			gate[i][j] = activate(m.Activation, g) * up[i][j]
		}
	}
	down := n.matmul(w[graph.Down], m.Dim, gate)
	if m.PostNorm {
		down = n.norms(down, w[graph.PostFFNNorm])
	}
	for i := range x {
		addTo(x[i], down[i])
	}
}

// rotation gives the function that turns one head at a position.
func rotation(r graph.Rope) func(head []float32, pos int) {
	freq := r.Frequencies()
	near, far := 2, 1 // pair i is values near·i and near·i+far
	if r.Layout == graph.Halves {
		near, far = 1, r.Dim/2
	}
	return func(head []float32, pos int) {
		check.That(len(head) >= r.Dim, "a head of %d values cannot be turned by %d", len(head), r.Dim)
		for i, f := range freq {
			sin, cos := math.Sincos(float64(pos) * f)
			a, b := float64(head[near*i]), float64(head[near*i+far])
			head[near*i] = float32(float64(a*cos) - float64(b*sin))
			head[near*i+far] = float32(float64(a*sin) + float64(b*cos))
		}
	}
}
