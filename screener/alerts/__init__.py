"""What a committee wants to be told of between its meetings: rules, the message, and the channels that carry it."""
