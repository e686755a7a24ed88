//! Verbs of other languages than English, for what cannot be taken back.
//!
//! The languages with the most speakers, and those in which servers are written. Beginnings of
//! words, so that their forms are found, whole words where a point follows; in scripts without
//! spaces a part of the text.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::risk::Category;

/// Beginnings of words, in small letters. Those that begin an English word are left out.
const BEGINNINGS: &[(Category, &str)] = &[
    (
        Category::Destructive,
        // de, fr, es, pt, it, tr, id, nl, pl, vi; ru, uk; ar, ur; hi, bn
        "loesch lösch geloescht gelöscht vernicht entfernt entfernen \
         supprim effac détrui detruire détruire \
         eliminar elimina. borrar borra. borre. suprimir suprime. destruir destruye \
         excluir exclui. apagar apaga. destrói \
         cancellare. cancella. rimuov distrugg \
         silin siler silme \
         hapus menghapus musnah verwijder usuń usuw usun xóa \
         удал стерет стира уничтож видал знищ \
         حذف يحذف احذف مسح يمسح تدمير \
         मिटा हटा डिलीट মুছ",
    ),
    (
        Category::Financial,
        "bezahl überweis ueberweis zahlt zahlung \
         paie. virement rembours acheter achète \
         pagar paga. pague. transferir transfiere reembols comprar compra. \
         transfere. pagamento pagare. acquist bonific \
         ödeme öde satın bayar membayar betaal zapłać płac \
         оплат оплач купить купит переведит списыва \
         يدفع ادفع سداد شراء \
         भुगतान खरीद পরিশোধ",
    ),
    (
        Category::Execute,
        "ausführ ausfuehr exécut \
         ejecuta ejecute executar esegui \
         çalıştır calistir jalankan menjalankan uitvoer wykonaj uruchom \
         выполн запуска запуст исполн викон \
         تنفيذ ينفذ تشغيل \
         चलाएं चलाता निष्पाद",
    ),
];

/// Parts of a text, where no spaces part the words.
const PARTS: [(Category, &str); 2] = [
    (
        Category::Destructive,
        "删除 刪除 清空 清除 销毁 銷毀 移除 抹掉 卸载 削除 消去 消します 破棄 삭제 제거 지웁 지우 파기 ลบ",
    ),
    (
        Category::Financial,
        "付款 支付 转账 轉帳 轉賬 退款 购买 購買 下单 下單 扣款 充值 提现 汇款 送金 支払 購入 決済 振込 \
         결제 송금 환불 구매 이체",
    ),
];

type Beginnings = HashMap<[char; 3], Vec<(&'static str, Category)>>;

static TABLE: LazyLock<Beginnings> = LazyLock::new(|| {
    let mut table = Beginnings::new();
    for (category, words) in BEGINNINGS {
        for word in words.split_ascii_whitespace() {
            if let Some(first) = first(word) {
                table.entry(first).or_default().push((word, *category));
            }
        }
    }
    table
});

fn first(word: &str) -> Option<[char; 3]> {
    let mut letters = word.chars();
    Some([letters.next()?, letters.next()?, letters.next()?])
}

/// The category of a word in small letters, by its beginning.
pub(super) fn look(word: &str) -> Option<Category> {
    let known = TABLE.get(&first(word)?)?;
    let fits = |(begin, _): &&(&str, Category)| match begin.strip_suffix('.') {
        Some(whole) => word == whole,
        None => word.starts_with(begin),
    };
    known.iter().find(fits).map(|(_, category)| *category)
}

/// The same of a word in plain letters of any case. Few begin as one of ours does.
pub(super) fn look_plain(word: &str) -> Option<Category> {
    let [a, b, c, ..] = *word.as_bytes() else { return None };
    let at = place(a, b, c);
    (PLAIN[at / 64] >> (at % 64) & 1 == 1).then(|| look(&word.to_ascii_lowercase())).flatten()
}

/// For each three letters whether a word begins so.
static PLAIN: LazyLock<[u64; 512]> = LazyLock::new(|| {
    let mut plain = [0; 512];
    for (_, words) in BEGINNINGS {
        for word in words.split_ascii_whitespace() {
            if let [a, b, c, ..] = *word.as_bytes()
                && word.is_ascii()
            {
                let at = place(a, b, c);
                plain[at / 64] |= 1 << (at % 64);
            }
        }
    }
    plain
});

fn place(a: u8, b: u8, c: u8) -> usize {
    [a, b, c].iter().fold(0, |at, byte| at << 5 | usize::from(byte & 31))
}

/// What a text of a script without spaces says.
pub(super) fn part(text: &str) -> impl Iterator<Item = (Category, &'static str)> + '_ {
    PARTS.iter().filter_map(|(category, parts)| {
        let found = parts.split_ascii_whitespace().find(|part| text.contains(part))?;
        Some((*category, found))
    })
}
