-- sqlite
CREATE TABLE closes (
	origin TEXT NOT NULL, 
	ticker TEXT NOT NULL, 
	date DATE NOT NULL, 
	seen_at DATETIME NOT NULL, 
	close_usd FLOAT NOT NULL, 
	PRIMARY KEY (origin, ticker, date, seen_at)
);

CREATE TABLE deliveries (
	run_id TEXT NOT NULL, 
	channel TEXT NOT NULL, 
	at DATETIME NOT NULL, 
	PRIMARY KEY (run_id, channel)
);

CREATE TABLE facts (
	fact_no BIGINT NOT NULL, 
	origin TEXT NOT NULL, 
	ticker TEXT NOT NULL, 
	item TEXT NOT NULL, 
	period_end DATE, 
	published_on DATE, 
	value FLOAT, 
	unit TEXT NOT NULL, 
	source TEXT NOT NULL, 
	source_url TEXT NOT NULL, 
	confidence TEXT NOT NULL, 
	evidence TEXT NOT NULL, 
	occurrence INTEGER NOT NULL, 
	seen_at DATETIME NOT NULL, 
	PRIMARY KEY (fact_no), 
	UNIQUE (origin, ticker, item, period_end, published_on, occurrence, seen_at)
);

CREATE TABLE runs (
	run_no INTEGER NOT NULL, 
	run_id TEXT NOT NULL, 
	universe TEXT NOT NULL, 
	title TEXT NOT NULL, 
	as_of DATE NOT NULL, 
	recorded_at DATETIME NOT NULL, 
	kind TEXT NOT NULL, 
	version TEXT NOT NULL, 
	price_source TEXT NOT NULL, 
	price_date DATE, 
	fell_back TEXT NOT NULL, 
	group_rule TEXT NOT NULL, 
	btc_usd FLOAT, 
	gap_ratio FLOAT, 
	gap_low FLOAT, 
	gap_high FLOAT, 
	n_pivot INTEGER, 
	n_bitcoin INTEGER, 
	premium FLOAT, 
	result_sha256 TEXT NOT NULL, 
	manifest JSON NOT NULL, 
	gap JSON NOT NULL, 
	regression JSON NOT NULL, 
	PRIMARY KEY (run_no), 
	UNIQUE (run_id)
);

CREATE INDEX runs_by_date ON runs (universe, as_of);

CREATE TABLE schema_versions (
	version INTEGER NOT NULL, 
	applied_at DATETIME NOT NULL, 
	PRIMARY KEY (version)
);

CREATE TABLE splits (
	origin TEXT NOT NULL, 
	ticker TEXT NOT NULL, 
	first_day_on_new_basis DATE NOT NULL, 
	seen_at DATETIME NOT NULL, 
	shares_multiplier FLOAT NOT NULL, 
	PRIMARY KEY (origin, ticker, first_day_on_new_basis, seen_at)
);

CREATE TABLE bridge_lines (
	run_no INTEGER NOT NULL, 
	ticker TEXT NOT NULL, 
	line TEXT NOT NULL, 
	value_usd FLOAT, 
	PRIMARY KEY (run_no, ticker, line), 
	FOREIGN KEY(run_no) REFERENCES runs (run_no)
);

CREATE TABLE companies (
	run_no INTEGER NOT NULL, 
	ticker TEXT NOT NULL, 
	place INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	company_group TEXT, 
	excluded TEXT NOT NULL, 
	PRIMARY KEY (run_no, ticker), 
	FOREIGN KEY(run_no) REFERENCES runs (run_no)
);

CREATE TABLE contracts (
	run_no INTEGER NOT NULL, 
	contract_id TEXT NOT NULL, 
	ticker TEXT NOT NULL, 
	counterparty TEXT, 
	kind TEXT NOT NULL, 
	announced_on DATE NOT NULL, 
	owned_it_mw FLOAT, 
	owned_value_usd FLOAT, 
	owned_annual_revenue_usd FLOAT, 
	is_ai BOOLEAN NOT NULL, 
	PRIMARY KEY (run_no, contract_id), 
	FOREIGN KEY(run_no) REFERENCES runs (run_no)
);

CREATE TABLE figures (
	run_no INTEGER NOT NULL, 
	ticker TEXT NOT NULL, 
	metric TEXT NOT NULL, 
	value FLOAT, 
	status TEXT NOT NULL, 
	causes TEXT NOT NULL, 
	PRIMARY KEY (run_no, ticker, metric), 
	FOREIGN KEY(run_no) REFERENCES runs (run_no)
);

CREATE INDEX figures_by_metric ON figures (metric, ticker);

CREATE TABLE issues (
	run_no INTEGER NOT NULL, 
	place INTEGER NOT NULL, 
	severity TEXT NOT NULL, 
	ticker TEXT NOT NULL, 
	what TEXT NOT NULL, 
	detail TEXT NOT NULL, 
	PRIMARY KEY (run_no, place), 
	FOREIGN KEY(run_no) REFERENCES runs (run_no)
);

CREATE TABLE run_facts (
	run_no INTEGER NOT NULL, 
	place INTEGER NOT NULL, 
	fact_no BIGINT NOT NULL, 
	PRIMARY KEY (run_no, place), 
	FOREIGN KEY(run_no) REFERENCES runs (run_no), 
	FOREIGN KEY(fact_no) REFERENCES facts (fact_no)
);

CREATE TABLE voids (
	void_no INTEGER NOT NULL, 
	run_id TEXT NOT NULL, 
	is_void BOOLEAN NOT NULL, 
	at DATETIME NOT NULL, 
	person TEXT NOT NULL, 
	why TEXT NOT NULL, 
	PRIMARY KEY (void_no), 
	FOREIGN KEY(run_id) REFERENCES runs (run_id)
);

-- postgresql
CREATE TABLE closes (
	origin TEXT NOT NULL, 
	ticker TEXT NOT NULL, 
	date DATE NOT NULL, 
	seen_at TIMESTAMP WITHOUT TIME ZONE NOT NULL, 
	close_usd FLOAT(53) NOT NULL, 
	PRIMARY KEY (origin, ticker, date, seen_at)
);

CREATE TABLE deliveries (
	run_id TEXT NOT NULL, 
	channel TEXT NOT NULL, 
	at TIMESTAMP WITHOUT TIME ZONE NOT NULL, 
	PRIMARY KEY (run_id, channel)
);

CREATE TABLE facts (
	fact_no BIGINT NOT NULL, 
	origin TEXT NOT NULL, 
	ticker TEXT NOT NULL, 
	item TEXT NOT NULL, 
	period_end DATE, 
	published_on DATE, 
	value FLOAT(53), 
	unit TEXT NOT NULL, 
	source TEXT NOT NULL, 
	source_url TEXT NOT NULL, 
	confidence TEXT NOT NULL, 
	evidence TEXT NOT NULL, 
	occurrence INTEGER NOT NULL, 
	seen_at TIMESTAMP WITHOUT TIME ZONE NOT NULL, 
	PRIMARY KEY (fact_no), 
	UNIQUE (origin, ticker, item, period_end, published_on, occurrence, seen_at)
);

CREATE TABLE runs (
	run_no INTEGER NOT NULL, 
	run_id TEXT NOT NULL, 
	universe TEXT NOT NULL, 
	title TEXT NOT NULL, 
	as_of DATE NOT NULL, 
	recorded_at TIMESTAMP WITHOUT TIME ZONE NOT NULL, 
	kind TEXT NOT NULL, 
	version TEXT NOT NULL, 
	price_source TEXT NOT NULL, 
	price_date DATE, 
	fell_back TEXT NOT NULL, 
	group_rule TEXT NOT NULL, 
	btc_usd FLOAT(53), 
	gap_ratio FLOAT(53), 
	gap_low FLOAT(53), 
	gap_high FLOAT(53), 
	n_pivot INTEGER, 
	n_bitcoin INTEGER, 
	premium FLOAT(53), 
	result_sha256 TEXT NOT NULL, 
	manifest JSON NOT NULL, 
	gap JSON NOT NULL, 
	regression JSON NOT NULL, 
	PRIMARY KEY (run_no), 
	UNIQUE (run_id)
);

CREATE INDEX runs_by_date ON runs (universe, as_of);

CREATE TABLE schema_versions (
	version INTEGER NOT NULL, 
	applied_at TIMESTAMP WITHOUT TIME ZONE NOT NULL, 
	PRIMARY KEY (version)
);

CREATE TABLE splits (
	origin TEXT NOT NULL, 
	ticker TEXT NOT NULL, 
	first_day_on_new_basis DATE NOT NULL, 
	seen_at TIMESTAMP WITHOUT TIME ZONE NOT NULL, 
	shares_multiplier FLOAT(53) NOT NULL, 
	PRIMARY KEY (origin, ticker, first_day_on_new_basis, seen_at)
);

CREATE TABLE bridge_lines (
	run_no INTEGER NOT NULL, 
	ticker TEXT NOT NULL, 
	line TEXT NOT NULL, 
	value_usd FLOAT(53), 
	PRIMARY KEY (run_no, ticker, line), 
	FOREIGN KEY(run_no) REFERENCES runs (run_no)
);

CREATE TABLE companies (
	run_no INTEGER NOT NULL, 
	ticker TEXT NOT NULL, 
	place INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	company_group TEXT, 
	excluded TEXT NOT NULL, 
	PRIMARY KEY (run_no, ticker), 
	FOREIGN KEY(run_no) REFERENCES runs (run_no)
);

CREATE TABLE contracts (
	run_no INTEGER NOT NULL, 
	contract_id TEXT NOT NULL, 
	ticker TEXT NOT NULL, 
	counterparty TEXT, 
	kind TEXT NOT NULL, 
	announced_on DATE NOT NULL, 
	owned_it_mw FLOAT(53), 
	owned_value_usd FLOAT(53), 
	owned_annual_revenue_usd FLOAT(53), 
	is_ai BOOLEAN NOT NULL, 
	PRIMARY KEY (run_no, contract_id), 
	FOREIGN KEY(run_no) REFERENCES runs (run_no)
);

CREATE TABLE figures (
	run_no INTEGER NOT NULL, 
	ticker TEXT NOT NULL, 
	metric TEXT NOT NULL, 
	value FLOAT(53), 
	status TEXT NOT NULL, 
	causes TEXT NOT NULL, 
	PRIMARY KEY (run_no, ticker, metric), 
	FOREIGN KEY(run_no) REFERENCES runs (run_no)
);

CREATE INDEX figures_by_metric ON figures (metric, ticker);

CREATE TABLE issues (
	run_no INTEGER NOT NULL, 
	place INTEGER NOT NULL, 
	severity TEXT NOT NULL, 
	ticker TEXT NOT NULL, 
	what TEXT NOT NULL, 
	detail TEXT NOT NULL, 
	PRIMARY KEY (run_no, place), 
	FOREIGN KEY(run_no) REFERENCES runs (run_no)
);

CREATE TABLE run_facts (
	run_no INTEGER NOT NULL, 
	place INTEGER NOT NULL, 
	fact_no BIGINT NOT NULL, 
	PRIMARY KEY (run_no, place), 
	FOREIGN KEY(run_no) REFERENCES runs (run_no), 
	FOREIGN KEY(fact_no) REFERENCES facts (fact_no)
);

CREATE TABLE voids (
	void_no INTEGER NOT NULL, 
	run_id TEXT NOT NULL, 
	is_void BOOLEAN NOT NULL, 
	at TIMESTAMP WITHOUT TIME ZONE NOT NULL, 
	person TEXT NOT NULL, 
	why TEXT NOT NULL, 
	PRIMARY KEY (void_no), 
	FOREIGN KEY(run_id) REFERENCES runs (run_id)
);
