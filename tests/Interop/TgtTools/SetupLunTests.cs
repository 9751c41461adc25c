using TgtModular.Interop.TgtTools.Harness;

namespace TgtModular.Interop.TgtTools;

/// <summary>tgt-setup-lun and tgtimg, by Debian's and by ours.</summary>
[TestClass]
public sealed class SetupLunTests
{
    [TestMethod]
    public async Task SetupLun_ByDebiansAndByOurs_EndsAlike()
    {
        await using TwinWorlds worlds = await TwinWorlds.StartAsync();
        foreach (string line in (string[])
        [
            "-d DIR/disk1 -n one", "-d DIR/disk1 -n one", "-d DIR/disk2 -n iqn.2026-11.org.example:two 10.0.0.1 10.0.0.0/8", "-d DIR/disk3 -n three -b null",
            "-d DIR/disk3 -n four -B 4096", "-d DIR/nosuch -n five", "-d DIR/disk4 -n six -b nosuch", "-d DIR/disk4 -n seven -t iscsi ALL", "-n eight -d DIR/disk5 -C 0",
        ])
        {
            _ = await worlds.SameAsync("tgt-setup-lun", line.Split(' '));
            _ = await worlds.SameStateAsync(line);
        }

        _ = (await worlds.Ours.RunAsync(Maker.Ours, "tgtadm", "-m", "target", "-o", "delete", "-t", "2")).MustSucceed();
        _ = (await worlds.Debian.RunAsync(Maker.Debian, "tgtadm", "-m", "target", "-o", "delete", "-t", "2")).MustSucceed();
        _ = await worlds.SameAsync("tgt-setup-lun", "-d", "DIR/disk2", "-n", "gap");
        _ = await worlds.SameStateAsync("the smallest free number");
    }

    [TestMethod]
    [DataRow("--op new --device-type disk --type disk --size 3 --file DIR/new.img")]
    [DataRow("--op=new --device-type=disk --type=DISK --size=3 --file=DIR/new.img --thin-provisioning")]
    [DataRow("-o new -Y disk -t disk -s 1 -f DIR/new.img -b code")]
    [DataRow("")]
    [DataRow("-o foo")]
    [DataRow("-o new")]
    [DataRow("-o show")]
    [DataRow("-o new -Y foo")]
    [DataRow("-o new -Y changer")]
    [DataRow("-o new -Y disk -f DIR/new.img")]
    [DataRow("-o new -Y disk -t data -f DIR/new.img")]
    [DataRow("-o new -Y disk -t disk -f DIR/new.img")]
    [DataRow("-o new -Y disk -t disk -s 0 -f DIR/new.img")]
    [DataRow("-o new -Y disk -t disk -s 1 -f DIR/no/new.img")]
    [DataRow("-o new -Y disk -t disk -s 1 -f DIR/new.img extra")]
    public async Task Tgtimg_ByDebiansAndByOurs_EndsAlike(string line)
    {
        await using TwinWorlds worlds = await TwinWorlds.StartAsync();

        _ = await worlds.SameAsync("tgtimg", line.Split(' ', StringSplitOptions.RemoveEmptyEntries));

        FileInfo debian = new(worlds.Debian.File("new.img")), ours = new(worlds.Ours.File("new.img"));
        Assert.AreEqual(debian.Exists, ours.Exists);
        if (debian.Exists) Assert.AreEqual((debian.Length, debian.UnixFileMode), (ours.Length, ours.UnixFileMode));
    }
}
