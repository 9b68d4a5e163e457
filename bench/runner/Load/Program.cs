using System.Globalization;
using Portal.Bench.Load;

// upstream PORT             a model provider that costs as little as can be
// streams URL COUNT CHUNKS  opens COUNT streams at once; prints the delay of their chunks as JSON
switch (args)
{
    case ["upstream", var port]:
        await Upstream.RunAsync(int.Parse(port, CultureInfo.InvariantCulture));
        return 0;
    case ["streams", var url, var count, var chunks]:
        Console.WriteLine(await StreamLoad.RunAsync(new Uri(url), int.Parse(count, CultureInfo.InvariantCulture), int.Parse(chunks, CultureInfo.InvariantCulture)));
        return 0;
    default:
        Console.Error.WriteLine("usage: Load upstream PORT | Load streams URL COUNT CHUNKS");
        return 2;
}
