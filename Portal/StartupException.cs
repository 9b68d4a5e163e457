namespace Portal;

/// <summary>The portal cannot start for a reason its operator can mend. The message is shown as it is, without a stack trace, and holds no secret.</summary>
public sealed class StartupException(string message, Exception? inner = null) : Exception(message, inner);
