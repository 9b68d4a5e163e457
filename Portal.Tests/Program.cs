using Portal.Tests.ApiServer.Storage;

// The test runner loads this assembly and never comes here: a test starts it as a process of its own, to kill it.
if (args is ["revision-log", var path, var seed])
{
    await DoomedWriter.RunAsync(path, int.Parse(seed, System.Globalization.CultureInfo.InvariantCulture));
}
