"""Mining economics: hashprice, fleets, breakevens, and a flexible load behind an AI tenant."""
