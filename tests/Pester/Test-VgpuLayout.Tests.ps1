BeforeAll {
    . (Join-Path $PSScriptRoot 'Common.ps1')
}

. (Join-Path $PSScriptRoot 'Shared.ps1')

Add-CommandTest 'Test-VgpuLayout' -Wrong @(
    , @('Test-VgpuLayout', 'LayoutNotFound', 'ObjectNotFound')
    , @('Test-VgpuLayout ./none.json', 'LayoutNotFound', 'ObjectNotFound')
)

Add-ReadingTest 'Test-VgpuLayout' -Prepare 'Export-VgpuLayout -Save'

Describe 'Test-VgpuLayout' {
    It 'says whether the host is what a layout says' {
        New-TestLab | Out-Null
        $path = Join-Path $TestDrive 'layout.json'
        '{"version":1,"gpus":[{"gpu":"*A30*","sriov":true,"mig":true,"instances":[{"profile":"2g.12gb"},{"profile":"1g.6gb"}]}]}' |
            Set-Content $path
        (Test-VgpuLayout $path).Passed | Should -BeFalse
        Sync-VgpuLayout $path
        Test-VgpuLayout $path -Quiet | Should -BeTrue
    }
}
