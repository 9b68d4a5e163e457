namespace Portal.Runner.Hosting;

/// <summary>The runner cannot start; the message is one line for the operator of the flow.</summary>
internal sealed class StartupException(string message, Exception? inner = null) : Exception(message, inner);
