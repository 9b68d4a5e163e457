namespace Portal.Tests.ApiServer.Conformance;

/// <summary>A case does not hold; the message is the first difference.</summary>
internal sealed class StepException(string message) : Exception(message);
