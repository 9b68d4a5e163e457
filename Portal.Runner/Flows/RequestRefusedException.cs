namespace Portal.Runner.Flows;

/// <summary>A request that is refused before the flow runs.</summary>
/// <param name="httpStatus">Such as 413.</param>
/// <param name="message">What is wrong and what to send instead.</param>
internal sealed class RequestRefusedException(int httpStatus, string message) : Exception(message)
{
    public int HttpStatus { get; } = httpStatus;
}
