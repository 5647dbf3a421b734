// Package contract is the typed model of one compute deal: who promises how many
// megawatts to whom, at what price, financed how, and which shares change hands
// on which condition.
//
// In: nothing but values; package file makes them from YAML. Out: the Deal that
// book, equity and analysis compute with. A Deal is not changed after it was
// checked; Clone and Set make variants for scenarios and sensitivities.
//
// The struct tags are the one description of the file format: the decoder, the
// JSON Schema and the reference in docs/ are made from them. yaml names the key,
// unit the class of a Figure, req marks what must be there, enum lists the words
// allowed, doc explains.
package contract

import "wafer/internal/diag"

// At is the place where a section begins in its file.
type At struct {
	Pos diag.Pos `yaml:"-" json:"-"`
}

// Deal is one document.
type Deal struct {
	At
	Format       string        `yaml:"format" req:"1" enum:"wafer-deal/1" doc:"version of this format"`
	ID           string        `yaml:"id" req:"1" doc:"short name: lower-case letters, digits and dashes"`
	Title        string        `yaml:"title" req:"1" doc:"one line for headings"`
	Summary      string        `yaml:"summary" doc:"what was agreed, in a few sentences"`
	Announced    Date          `yaml:"announced" doc:"when the parties published it"`
	Signed       Date          `yaml:"signed" doc:"when it was signed"`
	AsOf         Date          `yaml:"as_of" doc:"the date from which the model looks forward (RPO, current value)"`
	Binding      string        `yaml:"binding" req:"1" enum:"none|partial|full" doc:"how much of it can be enforced"`
	Direction    string        `yaml:"direction" req:"1" enum:"supplier_gives_equity|supplier_buys_equity|backstop|none" doc:"which way the equity flows"`
	Status       string        `yaml:"status" enum:"live|dropped|superseded|precedent" doc:"what became of it"`
	Headline     Headline      `yaml:"headline" doc:"the figures of the announcement"`
	Sources      []Source      `yaml:"sources" req:"1" doc:"every page a figure refers to"`
	Parties      []Party       `yaml:"parties" req:"1" doc:"who takes part"`
	RelatedParty string        `yaml:"related_party" doc:"a tie between the parties beside the contract"`
	Capacity     Capacity      `yaml:"capacity" doc:"megawatts, when, for how long"`
	Price        Price         `yaml:"price" doc:"what the customer pays"`
	PassThrough  []PassThrough `yaml:"pass_through" doc:"costs that the customer reimburses"`
	Finance      Finance       `yaml:"finance" doc:"loans, deposits, backstops, covenants"`
	Equity       []Equity      `yaml:"equity" doc:"warrants, grants and purchases of shares"`
	Issuer       *Issuer       `yaml:"issuer" doc:"the company whose shares change hands"`
	Customer     *Customer     `yaml:"customer" doc:"the buyer's alternative and credit"`
	Cost         *Cost         `yaml:"cost" doc:"what the capacity costs the supplier"`
	Systems      []System      `yaml:"systems" doc:"machines beside the built-in ones"`
	Policy       Policy        `yaml:"policy" doc:"accounting choices"`
	Scenarios    []Scenario    `yaml:"scenarios" doc:"named variants of this deal"`
	Reported     []Reported    `yaml:"reported" doc:"published figures to lay beside the model's"`
	Claims       []Claim       `yaml:"claims" doc:"sentences to check against the model"`
	Open         []string      `yaml:"open" doc:"what is not known"`
}

// Headline repeats the announcement; it prices a deal whose terms are not public.
type Headline struct {
	At
	Total Figure `yaml:"total" unit:"money" doc:"announced total"`
	Years Figure `yaml:"years" unit:"years" doc:"over how long"`
	Note  string `yaml:"words" doc:"the announcement's own wording, shortened"`
}

// Source is a page with the confidence mark of the facts file: A filing, B dated
// second-hand note of a filing, C press, D derived by arithmetic.
type Source struct {
	At
	ID    string `yaml:"id" req:"1" doc:"name used by figures"`
	URL   string `yaml:"url" doc:"address"`
	Title string `yaml:"title" doc:"what it is"`
	Mark  string `yaml:"mark" req:"1" enum:"A|B|C|D" doc:"A filing, B note quoting one, C press, D derived"`
	AsOf  Date   `yaml:"as_of" doc:"date of the page"`
}

// Party takes part in the deal.
type Party struct {
	At
	ID    string   `yaml:"id" req:"1" doc:"name used elsewhere in the file"`
	Name  string   `yaml:"name" req:"1" doc:"name in full"`
	Roles []string `yaml:"roles" req:"1" enum:"supplier|customer|lender|borrower|guarantor|holder|issuer|tenant|landlord" doc:"what it does here"`
}

// Capacity is what the supplier promises.
type Capacity struct {
	At
	Committed    Figure      `yaml:"committed" unit:"mw" doc:"sum of the committed tranches, as published"`
	PUE          Figure      `yaml:"pue" unit:"number" doc:"facility power over critical-IT power"`
	Hardware     string      `yaml:"hardware" doc:"a system of the library or of this file"`
	Availability Figure      `yaml:"availability" unit:"ratio" doc:"share of the time the capacity is up"`
	Utilisation  Figure      `yaml:"utilisation" unit:"ratio" doc:"share of the capacity the customer uses"`
	Tranches     []Tranche   `yaml:"tranches" doc:"dated parts"`
	Options      []CapOption `yaml:"options" doc:"capacity the customer may add"`
	ProgressVol  Figure      `yaml:"progress_vol" unit:"number" doc:"uncertainty of the building programme: standard deviation, in years of work, after one year"`
	Contracted   []SiteMW    `yaml:"contracted_sites" doc:"sites the supplier has, to compare"`
}

// SiteMW is power under contract by a date.
type SiteMW struct {
	At
	By   Date   `yaml:"by" req:"1" doc:"by when"`
	MW   Figure `yaml:"mw" req:"1" unit:"mw" doc:"how much"`
	Note string `yaml:"words" doc:"remark"`
}

// Tranche is a dated part of the capacity. Each megawatt runs for Term from its
// own in-service date.
type Tranche struct {
	At
	ID             string     `yaml:"id" req:"1" doc:"name"`
	MW             Figure     `yaml:"mw" req:"1" unit:"mw" doc:"power"`
	InService      Date       `yaml:"in_service" req:"1" doc:"when the first megawatt is ready"`
	Ramp           Figure     `yaml:"ramp" unit:"years" doc:"time from the first to the last megawatt, linear"`
	Term           Figure     `yaml:"term" req:"1" unit:"years" doc:"service from each megawatt's own start"`
	Delay          Figure     `yaml:"delay" unit:"years" doc:"slip against in_service; a range or distribution"`
	Hardware       string     `yaml:"hardware" doc:"another system than the deal's"`
	Extension      *Extension `yaml:"extension" doc:"right to run longer"`
	CureDays       Figure     `yaml:"cure" unit:"days" doc:"time to mend a missed date"`
	Termination    string     `yaml:"termination" doc:"who may end it and when"`
	ServiceCredits Figure     `yaml:"service_credits" unit:"ratio" doc:"share of fees given back for missed service levels"`
}

// Extension prolongs a tranche.
type Extension struct {
	At
	To     Figure `yaml:"to" req:"1" unit:"years" doc:"term with the extension"`
	Holder string `yaml:"holder" doc:"party that may extend"`
	Notice Figure `yaml:"notice" unit:"days" doc:"how long before"`
}

// CapOption is capacity that the customer may add.
type CapOption struct {
	At
	ID          string `yaml:"id" req:"1" doc:"name"`
	MW          Figure `yaml:"mw" req:"1" unit:"mw" doc:"power"`
	Expiry      Date   `yaml:"expiry" req:"1" doc:"last day to exercise or to be delivered"`
	InService   Date   `yaml:"in_service" doc:"start if exercised"`
	Ramp        Figure `yaml:"ramp" unit:"years" doc:"time from first to last megawatt"`
	Term        Figure `yaml:"term" unit:"years" doc:"service from each megawatt's start"`
	Exercise    string `yaml:"exercise" req:"1" enum:"never|always|if_market_above|probability" doc:"rule of the model"`
	Strike      Figure `yaml:"strike" unit:"money/mw-yr" doc:"for if_market_above: exercised when the customer's alternative costs more"`
	Probability Figure `yaml:"probability" unit:"ratio" doc:"for probability: how likely"`
}

// Price is what the customer pays for the capacity.
type Price struct {
	At
	Basis      string `yaml:"basis" enum:"mw_year|total|hardware_sale|system_month|gpu_hour|m_tokens" doc:"what is counted"`
	Fee        Figure `yaml:"fee" unit:"price" doc:"amount per unit of the basis, without pass-through"`
	Escalator  Figure `yaml:"escalator" unit:"rate" doc:"yearly rise of the fee"`
	TakeOrPay  Figure `yaml:"take_or_pay" unit:"ratio" doc:"share of the capacity that is paid in any case"`
	Steps      []Step `yaml:"steps" doc:"fees from a volume on"`
	MostFav    string `yaml:"most_favoured" doc:"most-favoured-customer term"`
	Prepayment Figure `yaml:"prepayment" unit:"money" doc:"paid ahead and credited in proportion to fees"`
	PrepaidOn  Date   `yaml:"prepaid_on" doc:"when"`
}

// Step is a fee from a delivered volume on.
type Step struct {
	At
	From Figure `yaml:"from" req:"1" unit:"mw" doc:"delivered power"`
	Fee  Figure `yaml:"fee" req:"1" unit:"price" doc:"fee from there on"`
}

// PassThrough is a cost that the customer reimburses.
type PassThrough struct {
	At
	Item      string `yaml:"item" req:"1" doc:"rent, electricity, works, security"`
	Rate      Figure `yaml:"rate" req:"1" unit:"money/mw-yr" doc:"amount"`
	Treatment string `yaml:"treatment" req:"1" enum:"gross|net" doc:"gross: in revenue and in cost; net: in neither"`
	Cap       Figure `yaml:"cap" unit:"money/mw-yr" doc:"most that is reimbursed"`
}

// Finance is the money beside the price.
type Finance struct {
	At
	Loans       []Loan     `yaml:"loans" doc:"money lent by one party to the other"`
	Deposits    []Deposit  `yaml:"deposits" doc:"customer deposits"`
	Backstops   []Backstop `yaml:"backstops" doc:"guarantees by a third party"`
	Covenants   []string   `yaml:"covenants" doc:"promises that bind the borrower or supplier"`
	CashControl string     `yaml:"cash_control" doc:"who may seize which account"`
}

// Loan is repaid in cash or in service.
type Loan struct {
	At
	ID           string   `yaml:"id" req:"1" doc:"name"`
	Lender       string   `yaml:"lender" req:"1" doc:"party"`
	Borrower     string   `yaml:"borrower" req:"1" doc:"party"`
	Principal    Figure   `yaml:"principal" req:"1" unit:"money" doc:"amount"`
	Rate         Figure   `yaml:"rate" req:"1" unit:"rate" doc:"interest a year"`
	Drawn        Date     `yaml:"drawn" req:"1" doc:"when the money came"`
	RepayIn      string   `yaml:"repay_in" req:"1" enum:"cash|service" doc:"service: instalments are set off against fees and interest is waived"`
	AfterTranche string   `yaml:"repay_after_tranche" doc:"instalments begin when this tranche is complete"`
	RepayFrom    Date     `yaml:"repay_from" doc:"or on this date"`
	RepayOver    Figure   `yaml:"repay_over" req:"1" unit:"years" doc:"equal quarterly instalments over this time"`
	Security     string   `yaml:"security" doc:"what secures it"`
	Acceleration []string `yaml:"acceleration" doc:"events that make it due"`
}

// Deposit is held as a liability and released in proportion to fees.
type Deposit struct {
	At
	Amount   Figure `yaml:"amount" req:"1" unit:"money" doc:"amount"`
	Received Date   `yaml:"received" req:"1" doc:"when"`
}

// Backstop is a guarantee of somebody else's obligation.
type Backstop struct {
	At
	Guarantor string `yaml:"guarantor" req:"1" doc:"party"`
	For       string `yaml:"for" req:"1" doc:"party whose obligation it is"`
	Amount    Figure `yaml:"amount" req:"1" unit:"money" doc:"most that is guaranteed"`
}

// Issuer is the company whose shares change hands.
type Issuer struct {
	At
	Party      string       `yaml:"party" req:"1" doc:"which party"`
	Basic      Figure       `yaml:"shares_basic" unit:"shares-basic" doc:"issued and outstanding"`
	Diluted    Figure       `yaml:"shares_diluted" unit:"shares-diluted" doc:"fully diluted, as published"`
	Options    []OptionPool `yaml:"options" doc:"employee options and units for the treasury stock method"`
	Classes    []ShareClass `yaml:"classes" doc:"votes by class"`
	Spot       Figure       `yaml:"spot" unit:"money/share" doc:"share price today"`
	Vol        Figure       `yaml:"vol" unit:"ratio" doc:"volatility a year"`
	Rate       Figure       `yaml:"rate" unit:"rate" doc:"riskless rate, continuous"`
	Dividend   Figure       `yaml:"dividend" unit:"rate" doc:"dividend yield"`
	Corr       Figure       `yaml:"delivery_correlation" unit:"number" doc:"correlation of share price and timely delivery, -1 to 1"`
	NetCash    Figure       `yaml:"net_cash" unit:"money" doc:"cash less debt, for enterprise value"`
	Marks      []PriceMark  `yaml:"price_marks" doc:"share prices worth a column: grant, offer, first close"`
	Revenues   []Revenue    `yaml:"revenues" doc:"named revenues for multiples"`
	PricedOn   Date         `yaml:"priced_on" doc:"date of spot"`
	Delivering bool         `yaml:"is_supplier" doc:"the issuer is the supplier, so the deal is on its own books"`
}

// OptionPool enters the treasury stock method.
type OptionPool struct {
	At
	Name   string `yaml:"name" req:"1" doc:"what it is"`
	Count  Figure `yaml:"count" req:"1" unit:"shares" doc:"how many"`
	Strike Figure `yaml:"strike" req:"1" unit:"money/share" doc:"average exercise price"`
}

// ShareClass has votes.
type ShareClass struct {
	At
	Name  string `yaml:"name" req:"1" doc:"A, B, N"`
	Votes int    `yaml:"votes" doc:"a share"`
}

// PriceMark is a share price on a date.
type PriceMark struct {
	At
	ID    string `yaml:"id" req:"1" doc:"name"`
	Title string `yaml:"title" req:"1" doc:"what price it is"`
	Price Figure `yaml:"price" req:"1" unit:"money/share" doc:"price"`
	Date  Date   `yaml:"date" doc:"when"`
}

// Revenue is one named denominator of a multiple.
type Revenue struct {
	At
	ID     string `yaml:"id" req:"1" doc:"name, such as fy2025"`
	Title  string `yaml:"title" req:"1" doc:"what it is, such as trailing FY2025, GAAP"`
	Amount Figure `yaml:"amount" req:"1" unit:"money" doc:"amount"`
}

// Customer is the buyer.
type Customer struct {
	At
	Party       string `yaml:"party" req:"1" doc:"which party"`
	Market      Figure `yaml:"market_price" unit:"money/mw-yr" doc:"what the same megawatt-year costs elsewhere"`
	Hazard      Figure `yaml:"default_hazard" unit:"rate" doc:"chance a year that it stops paying"`
	Recovery    Figure `yaml:"recovery" unit:"ratio" doc:"share of the remaining fees recovered then"`
	TokenPrice  Figure `yaml:"token_price" unit:"money/m-tokens" doc:"blended price it sells tokens at"`
	Utilisation Figure `yaml:"token_utilisation" unit:"ratio" doc:"share of tok/s it sells"`
}

// Cost is what the capacity costs the supplier.
type Cost struct {
	At
	Capex       Figure `yaml:"capex" unit:"money/mw" doc:"to build a megawatt"`
	Cash        Figure `yaml:"cash" unit:"money/mw-yr" doc:"to run it"`
	Includes    bool   `yaml:"cash_includes_pass_through" doc:"the cash cost already holds what is passed through"`
	Lives       []Life `yaml:"lives" doc:"depreciation lives shown side by side"`
	Lead        Figure `yaml:"capex_lead" unit:"years" doc:"how long before service the money is spent"`
	Discount    Figure `yaml:"discount_rate" unit:"rate" doc:"for present values"`
	Tax         Figure `yaml:"tax_rate" unit:"ratio" doc:"on positive EBIT"`
	GoodsMargin Figure `yaml:"hardware_margin" unit:"ratio" doc:"for hardware sales: gross margin"`
	Electricity Figure `yaml:"electricity" unit:"money/kwh" doc:"price of power, for the energy line"`
}

// Life is a depreciation life.
type Life struct {
	At
	ID    string `yaml:"id" req:"1" enum:"deal_term|policy|economic" doc:"which view"`
	Years Figure `yaml:"years" req:"1" unit:"years" doc:"straight line"`
}

// System is a machine with its power, price and speed. Simulation fills the speed.
type System struct {
	At
	ID     string `yaml:"id" req:"1" doc:"name"`
	Name   string `yaml:"name" req:"1" doc:"name in full"`
	Power  Figure `yaml:"power" req:"1" unit:"mw-any" doc:"draw of one system"`
	Price  Figure `yaml:"price" unit:"money/system" doc:"price or cost of one"`
	Chips  int    `yaml:"chips" doc:"wafers or GPUs in one system"`
	Speed  Figure `yaml:"tok_s_per_mw" unit:"tok/s/mw" doc:"tokens a second and megawatt"`
	Remark string `yaml:"words" doc:"remark"`
}

// Policy holds the accounting choices.
type Policy struct {
	At
	ASU       string `yaml:"asu_2025_04" enum:"auto|on|off" doc:"auto: on for fiscal years that start after 15 Dec 2026"`
	Threshold Figure `yaml:"probable_threshold" unit:"ratio" doc:"likelihood that counts as probable"`
	Forfeit   string `yaml:"forfeitures" enum:"estimate|as_they_occur" doc:"as_they_occur is open only before ASU 2025-04"`
	EitherOr  string `yaml:"either_or" enum:"earlier|performance|market" doc:"which leg of an either-or block sets the expected date"`
}

// Scenario is a named variant: paths of figures or words with new values.
type Scenario struct {
	At
	ID    string    `yaml:"id" req:"1" doc:"name"`
	Title string    `yaml:"title" req:"1" doc:"what it asks"`
	Set   []Setting `yaml:"set" req:"1" doc:"path: value"`
}

// Setting gives one path a value.
type Setting struct {
	At
	Path, Value string
}

// Reported is a published figure to lay beside the model's.
type Reported struct {
	At
	Output string `yaml:"output" req:"1" doc:"name of a model output"`
	Title  string `yaml:"title" req:"1" doc:"what was published"`
	Value  Figure `yaml:"value" req:"1" unit:"any" doc:"the published figure"`
}

// Claim is a sentence to check.
type Claim struct {
	At
	ID        string `yaml:"id" req:"1" doc:"name"`
	Quote     string `yaml:"quote" req:"1" doc:"what was said, in our words or quoted"`
	Formula   string `yaml:"formula" req:"1" doc:"arithmetic over model outputs"`
	Said      Figure `yaml:"said" req:"1" unit:"any" doc:"the claimed figure"`
	Tolerance Figure `yaml:"tolerance" unit:"ratio" doc:"how far off is still right; 5% if absent"`
}
