"""The parts of a net asset value, and which of them add up to which value."""

from __future__ import annotations

CLAIMS = ("debt_after_conversion_usd", "finance_leases_usd", "preferred_equity_usd", "noncontrolling_interest_usd",
          "customer_prepayments_usd")  # fmt: skip
MONEY = ("cash_usd", "restricted_cash_usd", "other_coins_usd")
HELD = ("mining_usd", "bitcoin_usd", *MONEY, "overhead_usd", *CLAIMS)
UNSIGNED = ("approved_power_usd", "mining_power_usd", "pipeline_usd")
HEADLINE = "nav_dcf"
# The floor holds base terms alone: no renewal, nothing unsigned. By cap rate is before tax, as the market quotes it.
VALUES = {
    "nav_dcf": ("leases_dcf_usd", "gpu_cloud_usd", "contract_taxes_usd", "capex_to_spend_usd", *UNSIGNED, *HELD),
    "nav_cap_rate": (
        "leases_cap_rate_usd", "lease_prepayments_usd", "gpu_cloud_usd", "capex_to_spend_usd", *UNSIGNED, *HELD
    ),
    "floor": ("leases_base_term_usd", "gpu_cloud_base_term_usd", "contract_taxes_usd", "capex_to_spend_usd", *HELD),
}  # fmt: skip
PARTS = tuple(dict.fromkeys(name for names in VALUES.values() for name in names))
# Without one of these there is no net asset value; any other unknown part is left out and named.
REQUIRED = ("bitcoin_usd", "cash_usd", "debt_after_conversion_usd")
ANOTHER_BUSINESS = "its business is none of the parts valued here"
NOT_IN_IT = (
    "hosting and other businesses, undrawn credit facilities and loss carry-forwards (no source states one) are not "
    "included, and the tax shield of interest is in the cost of capital"
)
