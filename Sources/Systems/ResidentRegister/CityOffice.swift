/// The city as a sender of letters (市町村・交付場所・カード送付場所): the seed's own office by default [S:V-1].
package struct CityOffice: Hashable, Sendable {
    package var municipality = "水戸市"
    package var name = "水戸市役所"
    package var postalCode = "3108610"
    package var address = "水戸市中央1丁目4番1号"
    package var phone = "029-232-9156"

    package init() {}

    /// Takes what a configuration names.
    package init(_ texts: [String: String]) {
        municipality = texts["municipalityName"] ?? municipality
        name = texts["officeName"] ?? name
        postalCode = texts["officePostalCode"] ?? postalCode
        address = texts["officeAddress"] ?? address
        phone = texts["officePhone"] ?? phone
    }
}
