// Package nodiff makes random legal CSL programs and runs each in every way that
// must make no difference: step by step and running ahead, with 1, 2 and 7 workers.
//
// In: a seed. Out: a program as source text (Generate), what it must leave in
// memory and print (Predict: a tree walk with the reference arithmetic of num,
// without compiler and simulator), and what is wrong, if anything (Check). What is
// found is made small (Minimise) and kept under testdata/found (Archive).
//
// Programs are legal by construction. Messages have an order; each core takes part
// in them in that order, so the smallest unfinished one can always proceed. A
// colour has one source at each router. Operations in the background have a queue
// and a microthread of their own, and nobody touches their buffers meanwhile.
//
// The normal test runs 300 programs, WAFER_LONG_TESTS=1 runs 10,000; both and
// FuzzNoDiff write what they find to the folder WAFER_NODIFF_KEEP, made small.
package nodiff
