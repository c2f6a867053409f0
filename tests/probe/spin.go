// SPDX-License-Identifier: MIT
// spin GOROUTINES SECONDS: so many of them compute. Without cgo, a program of Go is static.
package main

import (
	"os"
	"strconv"
	"sync"
	"time"
)

func main() {
	count, _ := strconv.Atoi(os.Args[1])
	seconds, _ := strconv.ParseFloat(os.Args[2], 64)
	end := time.Now().Add(time.Duration(seconds * 1e9))
	var all sync.WaitGroup
	for ; count > 0; count-- {
		all.Add(1)
		go func() {
			defer all.Done()
			for sum := 0; time.Now().Before(end); {
				for i := 0; i < 100000; i++ {
					sum += i * i
				}
			}
		}()
	}
	all.Wait()
}
