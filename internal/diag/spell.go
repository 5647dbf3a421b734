package diag

// Nearest gives the candidate that is closest to word by edit distance, or ""
// when none is close enough to be a likely slip of the keyboard.
func Nearest(word string, candidates []string) string {
	limit := max(1, len(word)/3)
	best := ""
	for _, c := range candidates {
		if d := distance(word, c); d <= limit && c != word {
			best, limit = c, d-1
		}
	}
	return best
}

// distance is Levenshtein's, over bytes: identifiers are ASCII.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			above := row[j+1]
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			row[j+1] = min(row[j]+1, above+1, change)
			diagonal = above
		}
	}
	return row[len(b)]
}
