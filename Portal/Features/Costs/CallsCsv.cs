using System.Text;
using Portal.Features.Costs.Calls;

namespace Portal.Features.Costs;

/// <summary>Sends calls as a file, page by page as they are read, to the last.</summary>
internal sealed class CallsCsv(CallPageOf first, Func<string, Task<CallPageOf>> read) : IResult
{
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.ContentType = "text/csv; charset=utf-8";
        response.Headers.ContentDisposition = "attachment; filename=\"calls.csv\"";
        Encoding.UTF8.GetBytes(CostCsv.CallHeader, response.BodyWriter);
        for (var page = first; ; page = await read(page.Next))
        {
            Encoding.UTF8.GetBytes(CostCsv.Of(page.Items), response.BodyWriter);
            await response.BodyWriter.FlushAsync(httpContext.RequestAborted);
            if (page.Next is null)
            {
                return;
            }
        }
    }
}
