package contract

// Equity is a warrant, grant or purchase of shares between two parties.
type Equity struct {
	At
	ID         string      `yaml:"id" req:"1" doc:"name"`
	Instrument string      `yaml:"instrument" req:"1" enum:"warrant|stock_grant|customer_equity|stake" doc:"customer_equity: the supplier buys shares of the customer; stake: held without new shares"`
	Issuer     string      `yaml:"issuer" req:"1" doc:"party whose shares they are"`
	Holder     string      `yaml:"holder" req:"1" doc:"party that gets them"`
	Class      string      `yaml:"class" doc:"share class"`
	Count      Figure      `yaml:"count" unit:"shares" doc:"how many; must equal the sum of the blocks"`
	Amount     Figure      `yaml:"amount" unit:"money" doc:"for purchases and for grants fixed in dollars"`
	IssuePrice Figure      `yaml:"issue_price" unit:"money/share" doc:"price that turns an amount into shares"`
	Percent    Figure      `yaml:"percent" unit:"ratio" doc:"for stakes: share of the issuer"`
	Strike     Figure      `yaml:"strike" unit:"money/share" doc:"exercise price"`
	Issued     Date        `yaml:"issued" doc:"when"`
	Expiry     Date        `yaml:"expiry" doc:"last day"`
	ExpiryNote string      `yaml:"expiry_words" doc:"other ends, such as days after no commitment remains"`
	Exercise   string      `yaml:"exercise" doc:"cashless exercise, registration rights, lock-up, transfer limits"`
	AntiDil    string      `yaml:"anti_dilution" doc:"adjustments"`
	Forfeiture string      `yaml:"forfeiture" doc:"what is lost on termination"`
	Accounting *Accounting `yaml:"accounting" doc:"grant-date measurement"`
	Blocks     []Block     `yaml:"blocks" doc:"parts with their own condition"`
}

// Accounting is the grant-date measurement under ASC 718.
type Accounting struct {
	At
	GrantDate Date   `yaml:"grant_date" req:"1" doc:"both sides share the key terms"`
	FairValue Figure `yaml:"fair_value" unit:"money/share" doc:"grant-date fair value; computed when absent"`
	Distinct  Figure `yaml:"distinct_portion" unit:"ratio" doc:"share given for a distinct good or service, which is no contra-revenue"`
}

// Block is a part of an instrument with its own condition.
type Block struct {
	At
	ID           string    `yaml:"id" req:"1" doc:"name"`
	Count        Figure    `yaml:"count" unit:"shares" doc:"how many"`
	Amount       Figure    `yaml:"amount" unit:"money" doc:"for purchases: how much is paid"`
	Vest         Condition `yaml:"vest" req:"1" doc:"when it vests or is funded"`
	Rule         string    `yaml:"rule" enum:"step|pro_rata" doc:"pro_rata: in proportion to megawatts between from and to"`
	From         Figure    `yaml:"from" unit:"mw" doc:"delivered power at which pro_rata begins"`
	To           Figure    `yaml:"to" unit:"mw" doc:"delivered power at which it is complete"`
	Probable     string    `yaml:"probable" enum:"yes|no|model" doc:"judgement for the books; model: by the simulated probability"`
	ProbableFrom Date      `yaml:"probable_from" doc:"from when it is judged probable (cumulative catch-up)"`
	FairValue    Figure    `yaml:"fair_value" unit:"money/share" doc:"grant-date value of this block"`
}

// Condition is a tree. Exactly one key is set in each node.
type Condition struct {
	At
	And       []Condition `yaml:"and" doc:"all of these"`
	Or        []Condition `yaml:"or" doc:"any of these"`
	EarlierOf []Condition `yaml:"earlier_of" doc:"whichever comes first"`
	MWDeliv   *PowerLeaf  `yaml:"mw_delivered" doc:"capacity put in service"`
	MWBought  *PowerLeaf  `yaml:"mw_purchased" doc:"capacity bought"`
	Fees      *FeesLeaf   `yaml:"fees_paid" doc:"fees paid so far"`
	Price     *PriceLeaf  `yaml:"price" doc:"share price"`
	Cap       *CapLeaf    `yaml:"market_cap" doc:"market capitalisation"`
	Loan      *LoanLeaf   `yaml:"loan_funded" doc:"a loan of this file was paid out"`
	IPO       *EventLeaf  `yaml:"ipo_closed" doc:"the public offering closed"`
	Technical *EventLeaf  `yaml:"technical_milestone" doc:"a technical or commercial milestone"`
	Control   *EventLeaf  `yaml:"change_of_control" doc:"the issuer is taken over"`
	Date      *DateLeaf   `yaml:"date" doc:"a date"`
	Block     *BlockLeaf  `yaml:"block" doc:"another block of this file has vested"`
}

// PowerLeaf is met when enough capacity is in service.
type PowerLeaf struct {
	At
	AtLeast Figure `yaml:"at_least" req:"1" unit:"mw" doc:"threshold"`
	Tranche string `yaml:"tranche" doc:"count this tranche or option only"`
	Met     Date   `yaml:"met" doc:"when it was met"`
}

// FeesLeaf is met when enough has been paid.
type FeesLeaf struct {
	At
	AtLeast Figure `yaml:"at_least" req:"1" unit:"money" doc:"threshold"`
	Met     Date   `yaml:"met" doc:"when it was met"`
}

// PriceLeaf is a market condition.
type PriceLeaf struct {
	At
	AtLeast Figure `yaml:"at_least" req:"1" unit:"money/share" doc:"hurdle"`
	Test    string `yaml:"test" enum:"touch|close|vwap" doc:"how the price is taken"`
	Window  Figure `yaml:"window" unit:"days" doc:"trading days of the average"`
	Met     Date   `yaml:"met" doc:"when it was met"`
}

// CapLeaf is a market condition on the whole company.
type CapLeaf struct {
	At
	AtLeast Figure `yaml:"at_least" req:"1" unit:"money" doc:"hurdle"`
	Basis   string `yaml:"basis" req:"1" enum:"basic|diluted" doc:"which share count"`
	Test    string `yaml:"test" enum:"touch|close|vwap" doc:"how the price is taken"`
	Window  Figure `yaml:"window" unit:"days" doc:"trading days of the average"`
	Met     Date   `yaml:"met" doc:"when it was met"`
}

// LoanLeaf refers to a loan of the file.
type LoanLeaf struct {
	At
	Ref string `yaml:"loan" req:"1" doc:"id of the loan"`
	Met Date   `yaml:"met" doc:"when it was met"`
}

// EventLeaf is something that happens or not.
type EventLeaf struct {
	At
	Words       string `yaml:"words" doc:"what exactly"`
	Expected    Date   `yaml:"expected" doc:"when it should happen"`
	Probability Figure `yaml:"probability" unit:"ratio" doc:"how likely"`
	Met         Date   `yaml:"met" doc:"when it happened"`
}

// DateLeaf is met on a day.
type DateLeaf struct {
	At
	On Date `yaml:"on" req:"1" doc:"the day"`
}

// BlockLeaf refers to another block.
type BlockLeaf struct {
	At
	Ref string `yaml:"ref" req:"1" doc:"id of the block"`
}

// Children gives the sub-conditions of a node, nil for a leaf.
func (c *Condition) Children() []Condition {
	switch {
	case c.And != nil:
		return c.And
	case c.Or != nil:
		return c.Or
	}
	return c.EarlierOf
}

// Walk calls f for c and everything below it.
func (c *Condition) Walk(f func(*Condition)) {
	f(c)
	kids := c.Children()
	for i := range kids {
		kids[i].Walk(f)
	}
}

// Keys counts how many keys of the node are set; a valid node has one.
func (c *Condition) Keys() int {
	n := 0
	for _, set := range []bool{
		c.And != nil, c.Or != nil, c.EarlierOf != nil, c.MWDeliv != nil, c.MWBought != nil,
		c.Fees != nil, c.Price != nil, c.Cap != nil, c.Loan != nil, c.IPO != nil,
		c.Technical != nil, c.Control != nil, c.Date != nil, c.Block != nil,
	} {
		if set {
			n++
		}
	}
	return n
}

// Market reports whether c is a market condition, which ASC 718 puts inside the
// grant-date fair value; every other leaf is a performance condition and stays out.
func (c *Condition) Market() bool { return c.Price != nil || c.Cap != nil }

// HasMarket reports whether a market condition is anywhere in the tree.
func (c *Condition) HasMarket() bool {
	found := false
	c.Walk(func(n *Condition) { found = found || n.Market() })
	return found
}

// HasPerformance reports whether a condition other than of the market is in the tree.
func (c *Condition) HasPerformance() bool {
	found := false
	c.Walk(func(n *Condition) { found = found || (n.Children() == nil && !n.Market()) })
	return found
}
